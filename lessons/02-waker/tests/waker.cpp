// Wakers of tasks: from anywhere, at any time.
#include <doctest/doctest.h>

#include <nara/current_thread.hpp>
#include <nara/run_blocking.hpp>
#include <testkit/by_hand.hpp>
#include <thread>

#include "tasks.hpp"

using nara::Async;
using nara::block_on;
using nara::Context;
using nara::CurrentThread;
using nara::JoinHandle;
using nara::kPending;
using nara::kReady;
using nara::Poll;
using nara::spawn;
using nara::TaskResult;
using nara::Waker;
using nara::test::Gate;
using nara::test::let_run;

namespace {

/// Pending, with its waker outside, until it may pass.
struct Door {
  using Output = void;
  Waker& waker;
  const bool& is_open;

  Poll<void> poll(Context& context) noexcept {
    if (is_open) return kReady;
    waker.clone_from(context.waker());
    return kPending;
  }
};

/// Uses a waker in all four ways.
void use(Waker waker) {
  waker.wake_by_ref();
  const Waker dropped = waker.clone();
  waker.clone().wake();
  std::move(waker).wake();
}

}  // namespace

TEST_CASE("a waker used after its task has completed does nothing") {
  Waker waker = Waker::noop();
  CurrentThread executor;
  bool is_open = false;
  JoinHandle<void> handle = executor.spawn(Door{waker, is_open});
  executor.block_on(let_run());
  is_open = true;
  waker.wake_by_ref();
  executor.block_on(let_run());
  REQUIRE(handle.is_finished());
  const auto turns = executor.counters().turns;
  use(waker.clone());
  executor.block_on(let_run());
  CHECK(executor.counters().turns == turns + 2);
}

TEST_CASE("a waker used after its task was aborted does nothing, also when the handle is gone") {
  Waker waker = Waker::noop();
  CurrentThread executor;
  {
    const bool never = false;
    JoinHandle<void> handle = executor.spawn(Door{waker, never});
    executor.block_on(let_run());
    handle.abort();
    executor.block_on(let_run());
  }
  use(std::move(waker));
}

TEST_CASE("a waker used after its executor is gone does nothing") {
  Waker waker = Waker::noop();
  const bool never = false;
  {
    CurrentThread executor;
    (void)executor.spawn(Door{waker, never});
    executor.block_on(let_run());
  }
  use(std::move(waker));
}

TEST_CASE("a waker kept by a thread's own variable is used when that thread ends") {
  const bool never = false;
  std::thread([&] {
    struct WakesLate {
      Waker waker = Waker::noop();
      ~WakesLate() { std::move(waker).wake(); }
    };
    thread_local WakesLate late;
    CurrentThread executor;
    (void)executor.spawn(Door{late.waker, never});
    executor.block_on(let_run());
  }).join();
}

TEST_CASE("two polls of a task are lent the same waker, so that a leaf need not clone it again") {
  std::optional<bool> is_same;
  Waker first = Waker::noop();
  block_on(nara::poll_fn([&](Context& context) -> Poll<void> {
    if (is_same) return kReady;
    if (first.will_wake(context.waker())) {
      is_same = true;
      return kReady;
    }
    first = context.waker().clone();
    context.yield();
    return kPending;
  }));
  CHECK(is_same == true);
}

TEST_CASE("a wake during the poll is not lost") {
  int polls = 0;
  block_on(nara::poll_fn([&](Context& context) -> Poll<void> {
    context.waker().wake_by_ref();
    return ++polls < 3 ? Poll<void>(kPending) : Poll<void>(kReady);
  }));
  CHECK(polls == 3);
}

TEST_CASE("a wake from another thread during the poll is not lost") {
  int polls = 0;
  block_on(nara::poll_fn([&](Context& context) -> Poll<void> {
    std::thread([waker = context.waker().clone()]() mutable { std::move(waker).wake(); }).join();
    return ++polls < 3 ? Poll<void>(kPending) : Poll<void>(kReady);
  }));
  CHECK(polls == 3);
}

TEST_CASE("tasks run in the order in which they were woken") {
  CurrentThread executor;
  std::vector<int> order;
  Gate gate;
  const auto enter = [&](int number) -> Async<> {
    co_await gate.wait();
    order.push_back(number);
  };
  for (int number = 0; number < 4; ++number) (void)executor.spawn(enter, number);
  executor.block_on(let_run());
  gate.open();
  executor.block_on(let_run());
  CHECK(order == std::vector{0, 1, 2, 3});
}

TEST_CASE("a destructor at the end of a task may spawn and assign, in the executor that runs it") {
  struct Reenters {
    JoinHandle<int>* handle;
    ~Reenters() { *handle = spawn(give(9)); }
  };
  block_on([]() -> Async<> {
    JoinHandle<int> late = spawn(give(1));
    JoinHandle<void> task = spawn([&]() -> Async<> {
      const Reenters reenters{&late};
      co_await nara::yield_now();
    });
    task.abort();
    (void)co_await task;
    const TaskResult<int> result = co_await late;
    CHECK(result == 1);  // The task was aborted before it began.
    JoinHandle<void> again = spawn([&]() -> Async<> {
      const Reenters reenters{&late};
      co_await nara::pending();
    });
    co_await let_run();
    again.abort();
    (void)co_await again;
    const TaskResult<int> second = co_await late;
    CHECK(second == 9);
  });
}

TEST_CASE("no lock is held while a waker of a join handle is woken, or an outcome destroyed") {
  struct Spawns {
    CurrentThread* executor;
    explicit Spawns(CurrentThread& executor) : executor(&executor) {}
    Spawns(Spawns&& other) noexcept : executor(std::exchange(other.executor, nullptr)) {}
    // Another thread would wait for the lock, if one were held.
    ~Spawns() {
      if (executor == nullptr) return;
      std::thread([this] { (void)executor->spawn(give(1)); }).join();
    }
  };
  CurrentThread executor;
  const auto make = [&]() -> Async<Spawns> { co_return Spawns(executor); };
  executor.block_on([&]() -> Async<> {
    (void)spawn(make);  // Detached: the executor destroys the outcome.
    JoinHandle<Spawns> handle = spawn(make);
    (void)co_await handle;
    co_await let_run(100);
  });
  CHECK(executor.counters().spawned == 5);
}
