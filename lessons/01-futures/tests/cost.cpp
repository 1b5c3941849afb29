// What things may cost, in allocations, polls and resumed coroutines. Seconds are for benchmarks.
#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/cost.hpp>
#include <testkit/gate.hpp>

#include "coroutines.hpp"

using nara::Async;
using nara::Context;
using nara::kPending;
using nara::Poll;
using nara::test::by_hand;
using nara::test::Cost;
using nara::test::Gate;

namespace {

Async<> knock(int depth, Gate& gate, int times) {
  if (depth > 1) {
    co_await knock(depth - 1, gate, times);
    co_return;
  }
  for (int i = 0; i < times; ++i) {
    co_await gate.wait();
    gate.close();
  }
}

}  // namespace

TEST_SUITE_BEGIN("cost");

TEST_CASE("cost: a wake at any depth polls one leaf and resumes one coroutine") {
  for (const int depth : {1, 10, 1000}) {
    Gate gate;
    auto async = by_hand(knock(depth, gate, 3));
    CHECK(async.poll().is_pending());
    for (int wakes = 1; wakes < 3; ++wakes) {
      const int polls_before = gate.polls();
      gate.open();
      CHECK(async.poll().is_pending());
      CHECK(async.resumes() == 1);
      // The one that was pending says that it is ready; the next says that it is not.
      CHECK(gate.polls() - polls_before == 2);
    }
  }
}

TEST_CASE("cost: a poll without a wake polls one leaf and resumes nobody") {
  Gate gate;
  auto async = by_hand(knock(1000, gate, 1));
  CHECK(async.poll().is_pending());
  const int polls_before = gate.polls();
  CHECK(async.poll().is_pending());
  CHECK(async.resumes() == 0);
  CHECK(gate.polls() - polls_before == 1);
}

TEST_CASE("cost: a future that is ready at once does not suspend the coroutine") {
  auto busy = []() -> Async<int> {
    int sum = 0;
    for (int i = 0; i < 100; ++i) {
      int one = co_await nara::ready(1);
      sum += one;
    }
    co_return sum;
  };
  auto async = by_hand(busy());
  CHECK(async.poll().value() == 100);
  CHECK(async.resumes() == 1);
}

TEST_CASE("cost: a nested call that completes at once takes two resumes") {
  auto caller = []() -> Async<int> {
    int value = co_await number(7);
    co_return value;
  };
  auto async = by_hand(caller());
  CHECK(async.poll().value() == 7);
  CHECK(async.resumes() == 3);  // The caller, the call, the caller again.
}

TEST_CASE("cost: awaiting a future of this lesson allocates nothing") {
  bool done = false;
  auto busy = [](bool& done) -> Async<> {
    Cost cost;
    for (int i = 0; i < 10; ++i) {
      int one = co_await nara::ready(1);
      int two = co_await nara::lazy([one] { return one + 1; });
      co_await nara::poll_fn([two](Context&) -> Poll<int> { return two; });
    }
    done = cost.allocations() == 0;
  };
  auto async = by_hand(busy(done));
  CHECK(async.poll().is_ready());
  CHECK(done);
}

TEST_CASE("cost: a wake and the poll after it allocate nothing") {
  auto busy = [](int times) -> Async<> {
    for (int i = 0; i < times; ++i) {
      bool asked = false;
      co_await nara::poll_fn([&asked](Context& context) -> Poll<void> {
        if (asked) return nara::kReady;
        asked = true;
        context.waker().wake_by_ref();
        return kPending;
      });
    }
  };
  auto async = by_hand(busy(100));
  CHECK(async.poll().is_pending());
  const Cost cost;
  int pending = 0;
  while (async.poll().is_pending()) ++pending;
  CHECK(cost.allocations() == 0);
  CHECK(pending == 99);
}

TEST_SUITE_END();
