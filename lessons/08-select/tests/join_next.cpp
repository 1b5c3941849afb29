// Waiting for the next task of a set: who is woken, and what is left when nobody waits any more.
#include <doctest/doctest.h>

#include <nara/join_set.hpp>
#include <nara/select.hpp>
#include <variant>
#include <vector>

#include "tasks.hpp"

using nara::Async;
using nara::CurrentThread;
using nara::JoinHandle;
using nara::JoinSet;
using nara::ready;
using nara::select_biased;
using nara::test::by_hand;
using nara::test::Gate;
using nara::test::let_run;
using nara::test::run;
using nara::test::step;

TEST_CASE("whoever waits for a set is woken when a task ends, with the waker of the last poll") {
  Gate gate;
  CurrentThread executor;
  JoinSet<int> set;
  set.spawn_on(executor, pass(gate, 7));
  auto first = by_hand(set.join_next());
  CHECK(first.poll().is_pending());
  auto second = by_hand(std::move(first.future()));
  CHECK(second.poll().is_pending());
  CHECK(first.wakers_out() == 0);
  CHECK(second.poll().is_pending());
  CHECK(second.wakers_out() == 1);
  step("what is left of the first one goes, and leaves the waker of the second");
  first.cancel();
  gate.open();
  CHECK_FALSE(second.is_woken());
  executor.block_on(let_run(2));
  CHECK(second.is_woken());
  CHECK_FALSE(first.is_woken());
  CHECK(second.wakers_out() == 0);
  CHECK(second.poll().value() == 7);
}

TEST_CASE("whoever waits may be woken for each task anew") {
  Gate first;
  Gate second;
  CurrentThread executor;
  JoinSet<int> set;
  set.spawn_on(executor, pass(first, 1));
  set.spawn_on(executor, pass(second, 2));
  for (Gate* gate : {&second, &first}) {
    auto next = by_hand(set.join_next());
    CHECK(next.poll().is_pending());
    gate->open();
    executor.block_on(let_run(2));
    CHECK(next.wakes() == 1);
    CHECK(next.poll().is_ready());
  }
}

TEST_CASE("a join_next that is given up leaves no waker behind, and loses no outcome") {
  Gate gate;
  CurrentThread executor;
  JoinSet<int> set;
  set.spawn_on(executor, pass(gate, 7));
  auto given_up = by_hand(set.join_next());
  CHECK(given_up.poll().is_pending());
  CHECK(given_up.wakers_out() == 1);
  given_up.cancel();
  CHECK(given_up.wakers_out() == 0);
  step("the task ends, the next one waits, and is given up when it was woken");
  auto woken = by_hand(set.join_next());
  CHECK(woken.poll().is_pending());
  gate.open();
  executor.block_on(let_run(2));
  CHECK(woken.is_woken());
  woken.cancel();
  CHECK(set.size() == 1);
  CHECK(by_hand(set.join_next()).poll().value() == 7);
}

TEST_CASE("a join_next that loses a select takes no task out of its set") {
  run([]() -> Async<> {
    JoinSet<int> set;
    for (int i = 0; i < 4; ++i) set.spawn(give(i, i));
    std::vector<int> order;
    while (!set.empty()) {
      step("one that loses, polled or not");
      CHECK((co_await select_biased(ready(0), set.join_next())).index() == 0);
      const std::size_t size = set.size();
      const auto ended = co_await select_biased(set.join_next(), ready(0));
      if (ended.index() == 1) {
        CHECK(set.size() == size);
        co_await let_run();
      } else {
        order.push_back(std::get<0>(ended)->value());
      }
    }
    CHECK(order == std::vector{0, 1, 2, 3});
  });
}

TEST_CASE("to add a task that has ended wakes whoever waits for the set") {
  Gate gate;
  CurrentThread executor;
  JoinHandle<int> handle = executor.spawn(give(7));
  executor.block_on(let_run());
  JoinSet<int> set;
  set.spawn_on(executor, pass(gate, 1));
  auto next = by_hand(set.join_next());
  CHECK(next.poll().is_pending());
  set.add(std::move(handle));
  CHECK(next.is_woken());
  CHECK(next.poll().value() == 7);
}

TEST_CASE("a set of which much has ended lets others have a turn, too") {
  CurrentThread executor;
  JoinSet<int> set;
  for (int i = 0; i < 300; ++i) set.spawn_on(executor, give(i));
  executor.block_on(let_run());
  const auto drain = [&]() -> Async<> {
    while (!set.empty()) {
      const auto ended = co_await set.join_next();
    }
  };
  auto future = by_hand(drain());
  CHECK(future.poll().is_pending());
  CHECK(future.is_woken());
  CHECK(set.size() == 300 - nara::Context::kBudget);
  CHECK(future.poll().is_pending());
  CHECK(future.poll().is_ready());
}

TEST_CASE("a join_next that does not wait takes no waker away from one that does") {
  Gate gate;
  CurrentThread executor;
  JoinSet<int> set;
  set.spawn_on(executor, give(1));
  set.spawn_on(executor, pass(gate, 2));
  executor.block_on(let_run());
  auto never_polled = by_hand(set.join_next());
  auto has_given = by_hand(set.join_next());
  CHECK(has_given.poll().value() == 1);
  auto waits = by_hand(set.join_next());
  CHECK(waits.poll().is_pending());
  never_polled.cancel();
  has_given.cancel();
  gate.open();
  executor.block_on(let_run(2));
  CHECK(waits.is_woken());
}
