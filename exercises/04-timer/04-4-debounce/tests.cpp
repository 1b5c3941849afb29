// The tests of 04-4. The clock stands still, and skips to the next alarm when all tasks wait.
#include <doctest/doctest.h>

#include <debounce.hpp>
#include <memory>
#include <nara/async.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/diary.hpp>
#include <testkit/runtime.hpp>

using namespace std::chrono_literals;

using nara::Async;
using nara::test::by_hand;
using nara::test::Diary;
using nara::test::run_paused;
using nara::test::step;
using nara::time::sleep;
using nara::time::timeout;

namespace {

using Words = Source<std::string>;

/// Writes down what comes out, up to the end.
Async<> listen(Debounce<std::string>& debounce, Diary& diary) {
  while (true) {
    const std::optional<std::string> word = co_await debounce.next();
    diary.note(word ? *word : "end");
    if (!word) co_return;
  }
}

/// One letter more every 50 ms: "n", "na", "nar", "nara".
Async<> type(Words& words, std::string word) {
  for (std::size_t letters = 1; letters <= word.size(); ++letters) {
    words.push(word.substr(0, letters));
    co_await sleep(50ms);
  }
}

}  // namespace

TEST_CASE("04-4 Debounce: of a burst comes the last, when it has been quiet") {
  run_paused([]() -> Async<> {
    Diary diary;
    Words words;
    Debounce debounce(words, 100ms);
    step("\"nara\" is typed, a letter every 50 ms; then it is quiet for 100 ms");
    auto typing = nara::spawn(type(words, "nara"));
    (void)co_await timeout(1s, listen(debounce, diary));
    CHECK(diary.text() == "nara 250");
    (void)co_await typing;
  });
}

TEST_CASE("04-4 Debounce: each burst gives one value") {
  run_paused([]() -> Async<> {
    Diary diary;
    Words words;
    Debounce debounce(words, 100ms);
    step("two words are typed, the second one 300 ms after the first; then the source is closed");
    auto typing = nara::spawn([&]() -> Async<> {
      co_await type(words, "old");
      co_await sleep(300ms);
      co_await type(words, "nara");
      co_await sleep(300ms);
      words.close();
    });
    co_await listen(debounce, diary);
    CHECK(diary.text() == "old 200, nara 700, end 950");
    (void)co_await typing;
  });
}

TEST_CASE("04-4 Debounce: while values keep coming, nothing does") {
  run_paused([]() -> Async<> {
    Diary diary;
    Words words;
    Debounce debounce(words, 100ms);
    step("a thousand letters are typed, one every 50 ms");
    auto typing = nara::spawn(type(words, std::string(1000, 'a')));
    const auto word = co_await debounce.next();
    CHECK(diary.ms() == 999 * 50 + 100);
    CHECK(word->size() == 1000);
    (void)co_await typing;
  });
}

TEST_CASE("04-4 Debounce: the end of the source is the end of a burst") {
  run_paused([]() -> Async<> {
    Diary diary;
    Words words;
    Debounce debounce(words, 100ms);
    step("\"nara\" is typed; 50 ms after the last letter, the source is closed");
    auto typing = nara::spawn([&]() -> Async<> {
      co_await type(words, "nara");
      words.close();
    });
    co_await listen(debounce, diary);
    CHECK(diary.text() == "nara 200, end 200");
    step("ask once more: nothing comes, at once");
    const auto nothing = co_await debounce.next();
    CHECK_FALSE(nothing.has_value());
    (void)co_await typing;
  });
}

TEST_CASE("04-4 Debounce: who stops waiting, and asks again, gets what had come, and in time") {
  run_paused([]() -> Async<> {
    Diary diary;
    Words words;
    Debounce debounce(words, 100ms);
    step("\"nara\" comes at once; wait for it, and give up every 30 ms");
    words.push("nara");
    for (int tries = 0; tries < 5; ++tries) (void)co_await timeout(30ms, listen(debounce, diary));
    CHECK(diary.text() == "nara 100");
    step("the same while it is typed");
    auto typing = nara::spawn(type(words, "kyoto"));
    for (int tries = 0; tries < 20; ++tries) (void)co_await timeout(30ms, listen(debounce, diary));
    CHECK(diary.text() == "nara 100, kyoto 450");
    (void)co_await typing;
  });
}

TEST_CASE("04-4 Debounce: who asks when it has been quiet for long gets the value at once") {
  run_paused([]() -> Async<> {
    Diary diary;
    Words words;
    Debounce debounce(words, 100ms);
    step("a word comes; wait for 10 ms, and give up; ask again after a second");
    words.push("nara");
    (void)co_await timeout(10ms, listen(debounce, diary));
    co_await sleep(990ms);
    (void)co_await timeout(10ms, listen(debounce, diary));
    CHECK(diary.text() == "nara 1000");
  });
}

TEST_CASE("04-4 Debounce: it is polled when there is news, and when it is quiet, not in between") {
  run_paused([]() -> Async<> {
    Words words;
    Debounce debounce(words, 100ms);
    auto waits = by_hand(debounce.next());
    step("poll it: pending; nothing happens for an hour, and nobody wakes it");
    REQUIRE(waits.poll().is_pending());
    co_await sleep(1h);
    CHECK(waits.wakes() == 0);
    step("a hundred values come at once: it is woken, and one poll takes them all");
    for (int value = 0; value < 100; ++value) words.push(std::to_string(value));
    REQUIRE(waits.wakes() == 1);
    REQUIRE(waits.poll().is_pending());
    CHECK(waits.wakes() == 1);
    step("100 ms later it is woken, and ready with the last");
    co_await sleep(100ms);
    REQUIRE(waits.wakes() == 2);
    auto answer = waits.poll();
    REQUIRE(answer.is_ready());
    CHECK(answer.value() == "99");
  });
}

TEST_CASE("04-4 Debounce: values may be of a kind that can only be moved") {
  run_paused([]() -> Async<> {
    Source<std::unique_ptr<int>> source;
    Debounce debounce(source, 100ms);
    for (const int value : {1, 2}) source.push(std::make_unique<int>(value));
    step("two come, and the source is closed: the second one, and then the end");
    source.close();
    const auto last = co_await debounce.next();
    REQUIRE(last.has_value());
    CHECK(**last == 2);
    const auto nothing = co_await debounce.next();
    CHECK_FALSE(nothing.has_value());
  });
}
