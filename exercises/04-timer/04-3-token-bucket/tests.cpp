// The tests of 04-3. The clock stands still, and skips to the next alarm when all tasks wait.
#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/diary.hpp>
#include <testkit/runtime.hpp>
#include <token_bucket.hpp>
#include <vector>

using namespace std::chrono_literals;

using nara::Async;
using nara::JoinHandle;
using nara::test::by_hand;
using nara::test::Diary;
using nara::test::run_paused;
using nara::test::step;
using nara::time::sleep;
using nara::time::timeout;

namespace {

/// Waits for a token. Ready with how often it was polled for that.
class CountedTake {
 public:
  using Output = int;
  static constexpr std::string_view kWaitsFor = Take::kWaitsFor;

  explicit CountedTake(TokenBucket& bucket) : take_(bucket.take()) {}

  nara::Poll<int> poll(nara::Context& context) {
    ++polls_;
    if (take_.poll(context).is_pending()) return nara::kPending;
    return polls_;
  }

 private:
  Take take_;
  int polls_ = 0;
};

/// Takes a token, and writes that down. Gives how often it was polled for that.
Async<int> take(TokenBucket& bucket, Diary& diary, std::string name) {
  const int polls = co_await CountedTake(bucket);
  diary.note(name);
  co_return polls;
}

Async<> take_many(TokenBucket& bucket, Diary& diary, int tokens) {
  for (int taken = 0; taken < tokens; ++taken) (void)co_await take(bucket, diary, "take");
}

void empty(TokenBucket& bucket) {
  while (bucket.try_take()) {
  }
}

}  // namespace

TEST_CASE("04-3 Token bucket: a full one lets a burst through, and then one every period") {
  run_paused([]() -> Async<> {
    Diary diary;
    TokenBucket bucket(3, 100ms);
    step("take 6 tokens; the bucket holds 3, and gets one every 100 ms");
    co_await take_many(bucket, diary, 6);
    CHECK(diary.text() == "take 0, take 0, take 0, take 100, take 200, take 300");
  });
}

TEST_CASE("04-3 Token bucket: try_take takes what is there, and waits for nothing") {
  run_paused([]() -> Async<> {
    TokenBucket bucket(3, 100ms);
    step("three times, at the beginning; not a fourth time");
    for (int taken = 0; taken < 3; ++taken) CHECK(bucket.try_take());
    CHECK_FALSE(bucket.try_take());
    step("after 99 ms, none; after another, one");
    co_await sleep(99ms);
    CHECK_FALSE(bucket.try_take());
    co_await sleep(1ms);
    CHECK(bucket.try_take());
    CHECK_FALSE(bucket.try_take());
  });
}

TEST_CASE("04-3 Token bucket: it holds no more than a burst, however long nobody comes") {
  run_paused([]() -> Async<> {
    TokenBucket bucket(3, 100ms);
    empty(bucket);
    step("an hour later, take 5 tokens");
    co_await sleep(1h);
    Diary diary;
    co_await take_many(bucket, diary, 5);
    CHECK(diary.text() == "take 0, take 0, take 0, take 100, take 200");
  });
}

TEST_CASE("04-3 Token bucket: it fills while nobody looks, and half a period is not lost") {
  run_paused([]() -> Async<> {
    TokenBucket bucket(3, 100ms);
    empty(bucket);
    Diary diary;
    step("250 ms later, take 4 tokens");
    co_await sleep(250ms);
    co_await take_many(bucket, diary, 4);
    CHECK(diary.text() == "take 250, take 250, take 300, take 400");
  });
}

TEST_CASE("04-3 Token bucket: a pace of three in a second is three hundred in a hundred") {
  run_paused([]() -> Async<> {
    TokenBucket bucket(2, nara::time::Duration(1s) / 3);
    empty(bucket);
    Diary diary;
    step("take 300 tokens");
    co_await take_many(bucket, diary, 300);
    CHECK(diary.ms() == 100'000);
  });
}

TEST_CASE("04-3 Token bucket: those who wait are served in turn, and sleep until then") {
  run_paused([]() -> Async<> {
    TokenBucket bucket(3, 100ms);
    empty(bucket);
    Diary diary;
    std::vector<JoinHandle<int>> tasks;
    step("20 tasks take a token each, at the same time");
    for (int task = 1; task <= 20; ++task) {
      tasks.push_back(nara::spawn(take(bucket, diary, std::to_string(task) + " at")));
    }
    for (auto& task : tasks) {
      const auto polls = co_await task;
      step(
          "polled when it comes, when it is the first, and when there is a token: 3 times at most");
      CHECK(*polls <= 3);
    }
    CHECK(diary.text().starts_with("1 at 100, 2 at 200, 3 at 300, 4 at 400, 5 at 500"));
    CHECK(diary.text().ends_with("19 at 1900, 20 at 2000"));
  });
}

TEST_CASE("04-3 Token bucket: nobody overtakes those who wait") {
  run_paused([]() -> Async<> {
    TokenBucket bucket(3, 100ms);
    empty(bucket);
    Diary diary;
    step("a task waits; at 100 ms, another one comes before it has had a turn");
    auto first = by_hand(bucket.take());
    REQUIRE(first.poll().is_pending());
    co_await sleep(100ms);
    auto second = by_hand(bucket.take());
    CHECK_FALSE(bucket.try_take());
    REQUIRE(second.poll().is_pending());
    step("the first is woken, and is served");
    REQUIRE(first.is_woken());
    REQUIRE(first.poll().is_ready());
    step("the second is woken by that, and waits for the next token");
    REQUIRE(second.is_woken());
    REQUIRE(second.poll().is_pending());
    co_await sleep(100ms);
    REQUIRE(second.is_woken());
    CHECK(second.poll().is_ready());
  });
}

TEST_CASE("04-3 Token bucket: when the first in the queue stops, the second takes its place") {
  run_paused([]() -> Async<> {
    TokenBucket bucket(3, 100ms);
    empty(bucket);
    step("two wait; the first is destroyed: the second is woken, and is served at 100 ms");
    auto first = by_hand(bucket.take());
    auto second = by_hand(bucket.take());
    REQUIRE(first.poll().is_pending());
    REQUIRE(second.poll().is_pending());
    first.cancel();
    REQUIRE(first.wakers_out() == 0);
    REQUIRE(second.is_woken());
    REQUIRE(second.poll().is_pending());
    co_await sleep(100ms);
    REQUIRE(second.is_woken());
    CHECK(second.poll().is_ready());
  });
}

TEST_CASE("04-3 Token bucket: when one stops waiting, those behind it move up") {
  run_paused([]() -> Async<> {
    TokenBucket bucket(3, 100ms);
    empty(bucket);
    Diary diary;
    step("tasks A to D wait; B stops waiting after 150 ms, E comes at 160 ms");
    auto a = nara::spawn(take(bucket, diary, "A"));
    auto b =
        nara::spawn([&]() -> Async<> { (void)co_await timeout(150ms, take(bucket, diary, "B")); });
    auto c = nara::spawn(take(bucket, diary, "C"));
    auto d = nara::spawn(take(bucket, diary, "D"));
    co_await sleep(160ms);
    auto e = nara::spawn(take(bucket, diary, "E"));
    (void)co_await e;
    CHECK(diary.text() == "A 100, C 200, D 300, E 400");
    for (auto* task : {&a, &c, &d}) (void)co_await *task;
  });
}

TEST_CASE("04-3 Token bucket: a take that was never polled takes nothing") {
  run_paused([]() -> Async<> {
    TokenBucket bucket(1, 100ms);
    step("call take(), and destroy what it gives: the token is still there");
    by_hand(bucket.take()).cancel();
    CHECK(bucket.try_take());
    co_return;
  });
}
