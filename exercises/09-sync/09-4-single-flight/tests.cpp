// The tests of 09-4. The clock stands still, and skips to the next alarm when all tasks wait.
#include <doctest/doctest.h>

#include <cache.hpp>
#include <chrono>
#include <map>
#include <nara/async.hpp>
#include <nara/join_set.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <string>
#include <testkit/diary.hpp>
#include <testkit/runtime.hpp>
#include <utility>

using namespace std::chrono_literals;

using nara::Async;
using nara::test::Diary;
using nara::test::run_paused;
using nara::test::step;
using nara::time::Duration;
using nara::time::sleep;
using nara::time::timeout;

namespace {

/// Gives a new edition each time. It lives longer than the runtime, in case a task that was
/// forgotten still uses it.
class Library final : public Source {
 public:
  Async<Loaded> load(std::string key) override {
    const int edition = ++loads;
    const bool will_fail = failures > 0;
    if (will_fail) --failures;
    const Duration takes = key == "slow" ? 100ms : 10ms;
    co_await sleep(takes);
    if (key == "both" && cache != nullptr) co_await cache->get("one");
    if (will_fail) co_return std::unexpected("no");
    co_return key + std::to_string(edition);
  }

  int loads = 0;
  int failures = 0;  ///< How many of the next loads will fail.
  Cache* cache = nullptr;
};

/// Asks, and writes down what came out.
Async<> ask(Cache& cache, Diary& diary, std::string name, std::string key) {
  const Loaded loaded = co_await cache.get(key);
  diary.note(name + " " + (loaded ? *loaded : loaded.error()));
}

/// The same, and gives up after a while.
Async<> ask_for(Duration limit, Cache& cache, Diary& diary, std::string name, std::string key) {
  auto asking = ask(cache, diary, name, key);
  const auto done = co_await timeout(limit, std::move(asking));
  if (!done) diary.note(name + " gives up");
}

}  // namespace

TEST_CASE("09-4 Single flight: ten ask at the same time, and one loads") {
  Library library;
  Cache cache(library);
  run_paused([&]() -> Async<> {
    Diary diary;
    nara::JoinSet<void> tasks;
    step("ten tasks ask for the same key; to load takes 10 ms");
    for (int task = 0; task < 10; ++task) tasks.spawn(ask(cache, diary, "it is", "key"));
    co_await std::move(tasks).join_all();
    CHECK(library.loads == 1);
    CHECK(diary.ms() == 10);
    CHECK(diary.text().ends_with("it is key1 10, it is key1 10"));
    step("it is there now");
    const Loaded again = co_await cache.get("key");
    CHECK(again == Loaded("key1"));
    CHECK(library.loads == 1);
    CHECK(diary.ms() == 10);
  });
}

TEST_CASE("09-4 Single flight: keys do not wait for each other") {
  Library library;
  Cache cache(library);
  run_paused([&]() -> Async<> {
    Diary diary;
    nara::JoinSet<void> tasks;
    step("A asks for what takes 100 ms, and B for what takes 10");
    tasks.spawn(ask(cache, diary, "A", "slow"));
    tasks.spawn(ask(cache, diary, "B", "quick"));
    co_await std::move(tasks).join_all();
    CHECK(diary.text() == "B quick2 10, A slow1 100");
  });
}

TEST_CASE("09-4 Single flight: who loads may ask for another key") {
  Library library;
  Cache cache(library);
  library.cache = &cache;
  run_paused([&]() -> Async<> {
    Diary diary;
    step("to load `both` takes 10 ms, and then asks for `one`");
    co_await ask(cache, diary, "A", "both");
    CHECK(diary.text() == "A both1 20");
    CHECK(cache.size() == 2);
  });
}

TEST_CASE("09-4 Single flight: when a load fails, the next one tries") {
  Library library;
  Cache cache(library);
  run_paused([&]() -> Async<> {
    Diary diary;
    nara::JoinSet<void> tasks;
    step("A, B and C ask for the same key, and D 15 ms later; two loads fail");
    library.failures = 2;
    tasks.spawn(ask(cache, diary, "A", "key"));
    tasks.spawn(ask(cache, diary, "B", "key"));
    tasks.spawn(ask(cache, diary, "C", "key"));
    co_await sleep(15ms);
    tasks.spawn(ask(cache, diary, "D", "key"));
    co_await std::move(tasks).join_all();
    CHECK(diary.text() == "A no 10, B no 20, C key3 30, D key3 30");
    CHECK(library.loads == 3);
  });
}

TEST_CASE("09-4 Single flight: when the one who loads gives up, another goes on") {
  Library library;
  Cache cache(library);
  run_paused([&]() -> Async<> {
    Diary diary;
    nara::JoinSet<void> tasks;
    step("A, B and C ask for the same key; A gives up after 5 ms, and D comes after 7");
    tasks.spawn(ask_for(5ms, cache, diary, "A", "key"));
    tasks.spawn(ask(cache, diary, "B", "key"));
    tasks.spawn(ask(cache, diary, "C", "key"));
    co_await sleep(7ms);
    tasks.spawn(ask(cache, diary, "D", "key"));
    co_await std::move(tasks).join_all();
    CHECK(diary.text() == "A gives up 5, B key2 15, C key2 15, D key2 15");
    CHECK(library.loads == 2);
  });
}

TEST_CASE("09-4 Single flight: of what nobody could load, nothing is left") {
  Library library;
  Cache cache(library);
  run_paused([&]() -> Async<> {
    Diary diary;
    nara::JoinSet<void> tasks;
    step("a load fails");
    library.failures = 1;
    co_await ask(cache, diary, "A", "one");
    CHECK(cache.size() == 0);
    step("two ask for a key, and both give up");
    tasks.spawn(ask_for(5ms, cache, diary, "B", "other"));
    tasks.spawn(ask_for(8ms, cache, diary, "C", "other"));
    co_await sleep(7ms);
    CHECK(cache.size() == 1);
    co_await std::move(tasks).join_all();
    CHECK(cache.size() == 0);
    CHECK(diary.text() == "A no 10, B gives up 15, C gives up 18");
  });
}

TEST_CASE("09-4 Single flight: what was forgotten is loaded anew") {
  Library library;
  Cache cache(library);
  run_paused([&]() -> Async<> {
    Diary diary;
    nara::JoinSet<void> tasks;
    step("A and B ask for a key; after 5 ms it is forgotten, and C asks for it");
    library.failures = 1;
    tasks.spawn(ask(cache, diary, "A", "key"));
    tasks.spawn(ask_for(7ms, cache, diary, "B", "key"));
    co_await sleep(5ms);
    cache.forget("key");
    tasks.spawn(ask(cache, diary, "C", "key"));
    step("B gives up after 7 ms, and A's load fails after 10: D still waits for that of C");
    co_await sleep(7ms);
    tasks.spawn(ask(cache, diary, "D", "key"));
    co_await std::move(tasks).join_all();
    CHECK(diary.text() == "B gives up 7, A no 10, C key2 15, D key2 15");
    CHECK(cache.size() == 1);
    step("when it is there, it can be forgotten, too");
    cache.forget("key");
    CHECK(cache.size() == 0);
    co_await ask(cache, diary, "E", "key");
    CHECK(diary.text().ends_with("E key3 25"));
  });
}
