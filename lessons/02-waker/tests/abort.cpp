// How a task is ended from outside.
#include <doctest/doctest.h>

#include <memory>
#include <nara/join_handle.hpp>
#include <testkit/last_words.hpp>
#include <thread>

#include "tasks.hpp"

using nara::AbortHandle;
using nara::Async;
using nara::block_on;
using nara::CurrentThread;
using nara::JoinHandle;
using nara::spawn;
using nara::TaskResult;
using nara::test::Gate;
using nara::test::let_run;
using nara::test::run;
using nara::test::step;
using nara::test::Tracked;

TEST_CASE(
    "an aborted task that waits is cancelled, and its locals are gone before its handle is ready") {
  run([]() -> Async<> {
    JoinHandle<void> handle = spawn(keep(Tracked()));
    co_await let_run();
    REQUIRE(Tracked::alive() == 1);
    handle.abort();
    const TaskResult<void> result = co_await handle;
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().is_cancelled());
    CHECK(Tracked::alive() == 0);
  });
}

TEST_CASE("an abort does nothing itself: the task is destroyed in its turn") {
  run([]() -> Async<> {
    JoinHandle<void> handle = spawn(keep(Tracked()));
    co_await let_run();
    handle.abort();
    CHECK(Tracked::alive() == 1);
    CHECK_FALSE(handle.is_finished());
    co_await let_run();
    CHECK(Tracked::alive() == 0);
    CHECK(handle.is_finished());
  });
}

TEST_CASE(
    "a task that was aborted before its first poll never runs, and its arguments are destroyed") {
  bool has_run = false;
  const auto work = [&](Tracked) -> Async<> {
    has_run = true;
    co_return;
  };
  run([&]() -> Async<> {
    JoinHandle<void> handle = spawn(work, Tracked());
    handle.abort();
    const TaskResult<void> result = co_await handle;
    CHECK(result.error().is_cancelled());
    CHECK_FALSE(has_run);
    CHECK(Tracked::alive() == 0);
  });
}

TEST_CASE("an abort of a task that has ended has no effect: the handle gives its value") {
  run([]() -> Async<> {
    JoinHandle<int> handle = spawn(give(7));
    co_await let_run();
    REQUIRE(handle.is_finished());
    handle.abort();
    const TaskResult<int> result = co_await handle;
    CHECK(result == 7);
  });
}

TEST_CASE("a task that is aborted while it runs, and ends in that turn, gives its value") {
  run([]() -> Async<> {
    std::optional<AbortHandle> itself;
    JoinHandle<int> handle = spawn([&]() -> Async<int> {
      itself->abort();
      co_return 7;
    });
    itself.emplace(handle.abort_handle());
    const TaskResult<int> result = co_await handle;
    CHECK(result == 7);
  });
}

TEST_CASE("a task that is aborted while it runs, and goes on to wait, is cancelled") {
  run([]() -> Async<> {
    std::optional<AbortHandle> itself;
    bool has_gone_on = false;
    JoinHandle<void> handle = spawn([&]() -> Async<> {
      itself->abort();
      co_await nara::yield_now();
      has_gone_on = true;
    });
    itself.emplace(handle.abort_handle());
    const TaskResult<void> result = co_await handle;
    CHECK(result.error().is_cancelled());
    CHECK_FALSE(has_gone_on);
  });
}

TEST_CASE("aborts through several handles, and several times, are one") {
  run([]() -> Async<> {
    JoinHandle<void> handle = spawn(keep(Tracked()));
    const AbortHandle first = handle.abort_handle();
    const AbortHandle second = first;  // NOLINT(performance-unnecessary-copy-initialization)
    CHECK(first.id() == handle.id());
    first.abort();
    second.abort();
    handle.abort();
    first.abort();
    const TaskResult<void> result = co_await handle;
    CHECK(result.error().is_cancelled());
    CHECK(first.is_finished());
    step("abort it once more, when it is gone");
    second.abort();
    CHECK(Tracked::alive() == 0);
  });
}

TEST_CASE("a detached task can still be aborted") {
  run([]() -> Async<> {
    const AbortHandle abort = spawn(keep(Tracked())).abort_handle();
    co_await let_run();
    CHECK(Tracked::alive() == 1);
    abort.abort();
    co_await let_run();
    CHECK(Tracked::alive() == 0);
  });
}

TEST_CASE("an aborted task leaves what it waits for") {
  run([]() -> Async<> {
    Gate gate;
    JoinHandle<int> handle = spawn(pass(gate, 7));
    co_await let_run();
    REQUIRE(gate.waiting() == 1);
    handle.abort();
    (void)co_await handle;
    CHECK(gate.waiting() == 0);
    gate.open();
  });
}

TEST_CASE("a task can be aborted from another thread, which wakes the executor") {
  CurrentThread executor;
  std::thread other;
  executor.block_on([&]() -> Async<> {
    JoinHandle<void> handle = spawn(keep(Tracked()));
    co_await let_run();
    other = std::thread([abort = handle.abort_handle()] { abort.abort(); });
    const TaskResult<void> result = co_await handle;
    CHECK(result.error().is_cancelled());
  });
  other.join();
}

TEST_CASE("a destructor that throws while its task is torn down ends the program") {
  struct Bomb {
    ~Bomb() noexcept(false) { throw std::runtime_error("the bomb went off"); }
  };
  const std::string words = nara::test::last_words([] {
    block_on([]() -> Async<> {
      JoinHandle<void> handle = spawn([]() -> Async<> {
        const Bomb bomb;
        co_await nara::pending();
      });
      co_await let_run();
      handle.abort();
      (void)co_await handle;
    });
  });
  CHECK(words.find("the bomb went off") != words.npos);
}
