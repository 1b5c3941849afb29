// What waiting for several things costs, counted: the second medal of the layer exercise.
#include <doctest/doctest.h>

#include <array>
#include <expected>
#include <nara/join.hpp>
#include <nara/join_set.hpp>
#include <nara/select.hpp>
#include <nara/try_join.hpp>
#include <testkit/cost.hpp>
#include <utility>
#include <vector>

#include "tasks.hpp"

using nara::Async;
using nara::CurrentThread;
using nara::join;
using nara::JoinSet;
using nara::on;
using nara::pending;
using nara::ready;
using nara::select;
using nara::test::by_hand;
using nara::test::Cost;
using nara::test::Gate;
using nara::test::let_run;
using nara::test::step;

namespace {

Async<> fill_and_drain(int times) {
  JoinSet<int> set;
  for (int i = 0; i < times; ++i) set.spawn(give(i));
  while (!set.empty()) {
    const auto ended = co_await set.join_next();
  }
}

}  // namespace

TEST_SUITE("cost") {
  TEST_CASE("cost: a select allocates nothing") {
    if (!nara::test::kSeesAllocations) return;
    int handled = 0;
    const Cost cost;
    auto first = by_hand(select(pending(), ready(1), pending<int>()));
    const bool is_ready = first.poll().is_ready();
    auto second = by_hand(select(on(ready(2), [&](int value) { handled = value; }),
                                 on(nara::when(false, pending()), [] {}))
                              .otherwise([] {}));
    const bool is_also_ready = second.poll().is_ready();
    CHECK(cost.allocations() == 0);
    CHECK(is_ready);
    CHECK(is_also_ready);
    CHECK(handled == 2);
  }

  TEST_CASE("cost: a select is as large as its futures, but for a word for each") {
    struct Large {
      using Output = int;
      nara::Poll<int> poll(nara::Context&) { return nara::kPending; }
      std::array<char, 1000> room;
    };
    CHECK(sizeof(select(Large(), Large(), Large())) <= 3 * 1008 + 8);
  }

  TEST_CASE("cost: join and try_join of several futures allocate nothing") {
    if (!nara::test::kSeesAllocations) return;
    const Cost cost;
    auto all = by_hand(join(ready(1), ready(2), nara::lazy([] {})));
    const bool is_ready = all.poll().is_ready();
    using Result = std::expected<int, int>;
    auto both = by_hand(nara::try_join(ready(Result(1)), ready(Result(2))));
    const bool is_also_ready = both.poll().is_ready();
    CHECK(cost.allocations() == 0);
    CHECK(is_ready);
    CHECK(is_also_ready);
  }

  TEST_CASE("cost: a join of a vector allocates two arrays: for the futures, and for the values") {
    if (!nara::test::kSeesAllocations) return;
    std::vector<nara::Ready<int>> futures(100, ready(1));
    const Cost cost;
    auto all = by_hand(join(std::move(futures)));
    const bool is_ready = all.poll().is_ready();
    CHECK(cost.allocations() == 2);
    CHECK(is_ready);
  }

  TEST_CASE("cost: a wake of one future of a select polls each once, and no task twice") {
    Gate gate;
    CurrentThread executor;
    executor.block_on([&]() -> Async<> {
      nara::JoinHandle<void> handle = nara::spawn(
          [&]() -> Async<> { (void)co_await select(gate.wait(), gate.wait(), pending()); });
      co_await let_run();
      gate.open();
      (void)co_await handle;
    });
    CHECK(gate.polls() == 3);
  }

  TEST_CASE("cost: an empty set allocates nothing, and a task in a set one thing of its own") {
    if (!nara::test::kSeesAllocations) return;
    CurrentThread executor;
    const Cost of_nothing;
    JoinSet<int> set;
    CHECK(of_nothing.allocations() == 0);
    step("the list, which all tasks of the set share, comes with the first one");
    set.spawn_on(executor, give(0));
    nara::JoinHandle<int> alone = executor.spawn(give(1));
    const Cost of_member;
    set.add(std::move(alone));
    CHECK(of_member.allocations() == 1);
    executor.block_on(let_run());
    const Cost of_taking;
    const bool has_ended = set.try_join_next().has_value();
    CHECK(of_taking.allocations() == 0);
    CHECK(has_ended);
  }

  TEST_CASE("cost: in a steady state, a task in a set allocates nothing") {
    if (!nara::test::kSeesAllocations || !nara::FramePool::recycles()) return;
    CurrentThread executor;
    executor.block_on([]() -> Async<> {
      co_await fill_and_drain(100);
      const Cost cost;
      co_await fill_and_drain(100);
      CHECK(cost.allocations() == 1);  // The list.
    });
  }

  TEST_CASE("cost: a set of many tasks is woken once for all that end together") {
    CurrentThread executor;
    executor.block_on(fill_and_drain(100));
    // Each task once. The set's owner at the start, and when the first has ended; then it finds
    // all.
    CHECK(executor.counters().turns == 102);
    CHECK(executor.counters().local_wakes == 1);
  }
}
