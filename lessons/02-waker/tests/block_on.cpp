// Running something to its end, from a thread that can wait.
#include <doctest/doctest.h>

#include <mutex>
#include <nara/current_thread.hpp>
#include <nara/run_blocking.hpp>
#include <optional>
#include <thread>

#include "tasks.hpp"

using nara::Async;
using nara::block_on;
using nara::CurrentThread;
using nara::JoinHandle;
using nara::Misuse;
using nara::TaskResult;
using nara::test::Gate;
using nara::test::let_run;
using nara::test::step;

TEST_CASE("block_on runs a future on the calling thread, and returns its value") {
  const auto where = []() -> Async<std::thread::id> { co_return std::this_thread::get_id(); };
  CHECK(block_on(where) == std::this_thread::get_id());
  CHECK(block_on(give(7)) == 7);
  CHECK(block_on(nara::ready(8)) == 8);
}

TEST_CASE("what the future throws leaves block_on, with its own type") {
  struct Odd {
    int number;
  };
  const auto throws = []() -> Async<> {
    co_await nara::yield_now();
    throw Odd{7};
  };
  try {
    block_on(throws);
    FAIL("it should have thrown");
  } catch (const Odd& odd) {
    CHECK(odd.number == 7);
  }
}

TEST_CASE("a future that is given by name stays the caller's") {
  Gate gate;
  CurrentThread executor;
  Async<int> later = pass(gate, 7);
  (void)executor.spawn([&]() -> Async<> {
    gate.open();
    co_return;
  });
  CHECK(executor.block_on(later) == 7);
  CHECK_THROWS_AS(executor.block_on(later), Misuse);
}

TEST_CASE("block_on sleeps until a plain thread completes what it waits for") {
  // A oneshot, by hand.
  struct Oneshot {
    using Output = int;
    std::mutex mutex;
    std::optional<int> value;
    nara::Waker waker = nara::Waker::noop();

    nara::Poll<int> poll(nara::Context& context) {
      const std::lock_guard lock(mutex);
      if (value) return *value;
      waker.clone_from(context.waker());
      return nara::kPending;
    }
    void send(int number) {
      nara::Waker waiting = nara::Waker::noop();
      {
        const std::lock_guard lock(mutex);
        value = number;
        std::swap(waiting, waker);
      }
      std::move(waiting).wake();
    }
  } oneshot;
  std::thread other;
  const int number = block_on([&]() -> Async<int> {
    other = std::thread([&] { oneshot.send(7); });
    const int received = co_await oneshot;
    co_return received;
  });
  CHECK(number == 7);
  other.join();
}

TEST_CASE("a task makes no progress while block_on is not running, and goes on with the next") {
  CurrentThread executor;
  int turns = 0;
  JoinHandle<void> handle = executor.spawn([&]() -> Async<> {
    for (; turns < 10; ++turns) co_await nara::yield_now();
  });
  CHECK(turns == 0);
  executor.block_on(let_run(3));
  const int turns_before = turns;
  CHECK(turns_before >= 2);
  CHECK(turns_before < 10);
  step("nobody runs the executor");
  CHECK(turns == turns_before);
  const TaskResult<void> result = executor.block_on(handle);
  CHECK(result.has_value());
  CHECK(turns == 10);
}

TEST_CASE("block_on inside of a task is a misuse, of this executor or of another") {
  CurrentThread outer;
  CurrentThread other;
  const char* const sentence =
      "block_on() was called inside of a task: it would stop the thread that runs all tasks; "
      "co_await the future instead, or spawn() it";
  outer.block_on([&]() -> Async<> {
    CHECK_THROWS_WITH_AS(outer.block_on(give(7)), sentence, Misuse);
    CHECK_THROWS_WITH_AS(other.block_on(give(7)), sentence, Misuse);
    CHECK_THROWS_WITH_AS(block_on(give(7)), sentence, Misuse);
    step("the same in the scope of another runtime's guard");
    const auto inside = other.enter();
    CHECK_THROWS_WITH_AS(other.block_on(give(7)), sentence, Misuse);
    co_return;
  });
  step("and nothing was left behind");
  CHECK(outer.dump().empty());
  CHECK(other.dump().empty());
  CHECK(other.block_on(give(7)) == 7);
}

TEST_CASE("block_on in the scope of enter() is allowed: the thread runs no tasks yet") {
  CurrentThread executor;
  const auto inside = executor.enter();
  CHECK(executor.block_on(give(7)) == 7);
  CHECK(block_on(give(8)) == 8);
}

TEST_CASE("block_on of an executor that another thread runs is a misuse") {
  Gate gate;
  CurrentThread executor;
  executor.block_on([&]() -> Async<> {
    co_await nara::run_blocking([&] {
      const char* const sentence =
          "this executor is running already, on another thread: give it tasks with spawn()";
      CHECK_THROWS_WITH_AS(executor.block_on(give(7)), sentence, Misuse);
    });
  });
  CHECK(executor.counters().spawned == 1);
}

TEST_CASE("an executor may be run by one thread after the other") {
  Gate gate;
  CurrentThread executor;
  JoinHandle<int> handle = executor.spawn(pass(gate, 7));
  executor.block_on(let_run());
  std::thread other([&] {
    executor.block_on([&]() -> Async<> {
      gate.open();
      co_await let_run();
    });
  });
  other.join();
  const TaskResult<int> result = executor.block_on(std::move(handle));
  CHECK(result == 7);
}

TEST_CASE("block_on gives the tasks beside it their turns, until its own future is ready") {
  CurrentThread executor;
  int turns = 0;
  executor.block_on([&]() -> Async<> {
    (void)nara::spawn([&]() -> Async<> {
      while (true) {
        ++turns;
        co_await nara::yield_now();
      }
    });
    co_await let_run(5);
  });
  CHECK(turns >= 4);
  CHECK(turns <= 6);
}
