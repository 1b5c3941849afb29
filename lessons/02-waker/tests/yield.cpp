// Stepping back: who runs next, and what it costs.
#include <doctest/doctest.h>

#include <nara/yield_now.hpp>
#include <string>
#include <testkit/by_hand.hpp>

#include "tasks.hpp"

using nara::Async;
using nara::JoinHandle;
using nara::spawn;
using nara::test::by_hand;
using nara::test::run;

TEST_CASE("yield_now is pending once, wakes its own task, and is ready then") {
  auto future = by_hand(nara::yield_now());
  CHECK(future.poll().is_pending());
  CHECK(future.is_woken());
  CHECK(future.poll().is_ready());
  CHECK(future.wakes() == 1);
  CHECK(future.wakers_out() == 0);
}

TEST_CASE("where an executor looks, yield_now asks for its turn in the context, and wakes nobody") {
  nara::test::WakeCounter counter;
  const nara::Waker waker = counter.waker();
  nara::Context context(waker, nara::Context::kLooks);
  CHECK(nara::yield_now().poll(context).is_pending());
  CHECK(context.has_yielded());
  CHECK(counter.wakes() == 0);
}

TEST_CASE("when one of two ready tasks yields, the other runs before it goes on") {
  run([]() -> Async<> {
    std::string order;
    const auto write = [&](char letter) -> Async<> {
      for (int i = 0; i < 3; ++i) {
        order += letter;
        co_await nara::yield_now();
      }
    };
    JoinHandle<void> first = spawn(write, 'a');
    JoinHandle<void> second = spawn(write, 'b');
    (void)co_await first;
    (void)co_await second;
    CHECK(order == "ababab");
  });
}

TEST_CASE("a task that yields for ever keeps nobody from running") {
  run([]() -> Async<> {
    const auto for_ever = []() -> Async<> {
      while (true) co_await nara::yield_now();
    };
    (void)spawn(for_ever);
    JoinHandle<int> other = spawn(give(7));
    const nara::TaskResult<int> result = co_await other;
    CHECK(result == 7);
  });
}

TEST_CASE("each turn of a task begins with a full budget") {
  int units = 0;
  const auto spend_all = [&](nara::Context& context) -> nara::Poll<int> {
    units = 0;
    while (context.spend()) ++units;
    return units;
  };
  run([&]() -> Async<> {
    for (int turn = 0; turn < 2; ++turn) {
      const int spent = co_await nara::poll_fn(spend_all);
      CHECK(spent == nara::Context::kBudget);
      co_await nara::yield_now();
    }
  });
}
