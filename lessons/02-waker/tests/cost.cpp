// What things cost, counted: the second medal of the layer exercise.
#include <doctest/doctest.h>

#include <nara/current_thread.hpp>
#include <nara/detail/task_state.hpp>
#include <testkit/cost.hpp>
#include <thread>

#include "tasks.hpp"

using nara::Async;
using nara::Context;
using nara::Counters;
using nara::CurrentThread;
using nara::JoinHandle;
using nara::kPending;
using nara::kReady;
using nara::Poll;
using nara::spawn;
using nara::Waker;
using nara::test::Cost;
using nara::test::Gate;
using nara::test::let_run;
using nara::test::step;

namespace {

Async<> spawn_and_await(int times) {
  for (int i = 0; i < times; ++i) {
    JoinHandle<int> handle = spawn(give(i));
    (void)co_await handle;
  }
}

}  // namespace

TEST_SUITE("cost") {
  TEST_CASE("a yield costs one turn and no wake") {
    CurrentThread executor;
    executor.block_on(let_run(100));
    CHECK(executor.counters().turns == 101);
    CHECK(executor.counters().local_wakes == 0);
  }

  TEST_CASE("a wake costs one turn, however often it is repeated before that") {
    Waker waker = Waker::noop();
    CurrentThread executor;
    int polls = 0;
    (void)executor.spawn(nara::poll_fn([&](Context& context) -> Poll<void> {
      ++polls;
      waker.clone_from(context.waker());
      return kPending;
    }));
    executor.block_on(let_run());
    REQUIRE(polls == 1);
    executor.block_on([&]() -> Async<> {
      step("wake it three times from inside of the executor");
      for (int i = 0; i < 3; ++i) waker.wake_by_ref();
      co_await let_run(3);
    });
    CHECK(polls == 2);
    step("wake it three times from another thread");
    std::thread([&] {
      for (int i = 0; i < 3; ++i) waker.wake_by_ref();
    }).join();
    executor.block_on(let_run(3));
    CHECK(polls == 3);
  }

  TEST_CASE("one poll answers all wakes that came before it") {
    nara::detail::TaskState state;
    state.add_waker();
    step("wake it in the queue, and take it");
    (void)state.wake();
    (void)state.take();
    step("the poll was pending: nothing has come in between");
    CHECK(state.rest(false) == nara::detail::TaskState::Rest::kIdle);
  }

  TEST_CASE("an idle task costs no turn") {
    Gate gate;
    CurrentThread executor;
    for (int i = 0; i < 100; ++i) (void)executor.spawn(pass(gate, i));
    executor.block_on(let_run());
    const Counters before = executor.counters();
    executor.block_on(let_run(50));
    CHECK(executor.counters().turns - before.turns == 51);
  }

  TEST_CASE("spawn and await cost three turns and one wake: child, parent, and nothing else") {
    CurrentThread executor;
    executor.block_on(spawn_and_await(100));
    // Each time the child once, and the parent once; and the parent once more at the start.
    CHECK(executor.counters().turns == 201);
    CHECK(executor.counters().local_wakes == 100);
  }

  TEST_CASE("a task is one allocation besides its frame") {
    if (!nara::test::kSeesAllocations) return;
    CurrentThread executor;
    const Cost cost;
    JoinHandle<int> handle = executor.spawn(nara::ready(7));
    CHECK(cost.allocations() == 1);
    const Cost with_frame;
    JoinHandle<int> other = executor.spawn(give(7));
    CHECK(with_frame.allocations() == 2);
  }

  TEST_CASE("in a steady state, spawning, waking and joining allocate nothing") {
    if (!nara::test::kSeesAllocations || !nara::FramePool::recycles()) return;
    CurrentThread executor;
    executor.block_on([]() -> Async<> {
      co_await spawn_and_await(10);
      const Cost cost;
      co_await spawn_and_await(1000);
      CHECK(cost.allocations() == 0);
    });
  }

  TEST_CASE("a task takes 104 bytes besides its coroutine's frame") {
    CHECK(sizeof(nara::detail::TaskCell<Async<>>) == 104);
    CHECK(sizeof(nara::detail::TaskCell<nara::detail::Call<Async<> (*)()>>) == 112);
  }

  TEST_CASE("an executor that has nothing to do sleeps, once for each time it is woken") {
    Waker waker = Waker::noop();
    CurrentThread executor;
    std::thread other;
    int polls = 0;
    executor.block_on(nara::poll_fn([&](Context& context) -> Poll<void> {
      if (++polls == 2) return kReady;
      other = std::thread([waker = context.waker().clone()]() mutable { std::move(waker).wake(); });
      return kPending;
    }));
    other.join();
    CHECK(polls == 2);
    CHECK(executor.counters().parks <= 1);
    CHECK(executor.counters().remote_wakes <= 1);
  }
}
