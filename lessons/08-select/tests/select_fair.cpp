// Who wins when several are ready, and where chance comes from.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <nara/random.hpp>
#include <nara/runtime.hpp>
#include <nara/select.hpp>
#include <optional>
#include <set>
#include <vector>

#include "tasks.hpp"

using nara::Async;
using nara::Context;
using nara::CurrentThread;
using nara::kPending;
using nara::pending;
using nara::Poll;
using nara::poll_fn;
using nara::Random;
using nara::ready;
using nara::Runtime;
using nara::select;
using nara::select_biased;
using nara::test::by_hand;
using nara::test::run;
using nara::test::step;

namespace {

Runtime runtime_with(std::optional<std::uint64_t> seed) {
  Runtime::Builder builder = Runtime::Builder::current_thread();
  if (seed) builder.rng_seed(*seed);
  return builder.build().value();
}

/// Who wins, of four that are ready, 64 times.
Async<std::vector<std::size_t>> winners() {
  std::vector<std::size_t> winners;
  for (int i = 0; i < 64; ++i) {
    winners.push_back((co_await select(ready(0), ready(1), ready(2), ready(3))).index());
  }
  co_return winners;
}

}  // namespace

TEST_CASE("of several branches that are ready, each one wins sometimes") {
  run([]() -> Async<> {
    std::array<int, 3> wins{};
    for (int i = 0; i < 900; ++i) {
      ++wins.at((co_await select(ready(0), ready(1), ready(2))).index());
    }
    // Each is meant to have 300. It would have fewer than 200 once in 10^11 runs.
    CHECK(std::ranges::min(wins) > 200);
  });
}

TEST_CASE("each poll asks all branches once, in a row that may begin with any of them") {
  std::vector<int> asked;
  const auto note = [&](int number) {
    return poll_fn([&asked, number](Context&) -> Poll<int> {
      asked.push_back(number);
      return kPending;
    });
  };
  auto future = by_hand(select(note(0), note(1), note(2)));
  std::set<std::vector<int>> orders;
  for (int i = 0; i < 100; ++i) {
    asked.clear();
    CHECK(future.poll().is_pending());
    orders.insert(asked);
  }
  CHECK(orders == std::set<std::vector<int>>{{0, 1, 2}, {1, 2, 0}, {2, 0, 1}});
}

TEST_CASE("a biased select asks in the order of the branches, and the first that is ready wins") {
  run([]() -> Async<> {
    for (int i = 0; i < 100; ++i) {
      CHECK((co_await select_biased(ready(0), ready(1), ready(2))).index() == 0);
      CHECK((co_await select_biased(pending<int>(), ready(1), ready(2))).index() == 1);
    }
  });
}

TEST_CASE("a biased select makes no use of chance") {
  Runtime runtime = runtime_with(7);
  const auto number = runtime.block_on([]() -> Async<std::uint64_t> {
    (void)co_await select_biased(ready(0), ready(1));
    co_return Random::current().next();
  });
  CHECK(number == Random(7).next());
}

TEST_CASE("two runtimes with the same seed make the same choices, in the same order") {
  Runtime first = runtime_with(7);
  Runtime second = runtime_with(7);
  step("what others draw makes no difference");
  (void)by_hand(select(ready(0), ready(1))).poll();
  const auto of_first = first.block_on(winners());
  const auto of_second = second.block_on(winners());
  CHECK(of_first == of_second);
  CHECK(of_first != runtime_with(8).block_on(winners()));
  step("it goes on, and does not begin again");
  CHECK(of_first != first.block_on(winners()));
}

TEST_CASE("a builder gives each of its runtimes the same seed, if it has one") {
  Runtime::Builder builder = Runtime::Builder::current_thread();
  builder.rng_seed(7);
  const auto first = builder.build()->block_on(winners());
  CHECK(first == builder.build()->block_on(winners()));
}

TEST_CASE("without a seed, each runtime makes choices of its own") {
  CHECK(runtime_with({}).block_on(winners()) != runtime_with({}).block_on(winners()));
}

TEST_CASE("a runtime has a Random of its own, and all others have one together") {
  Random& outside = Random::current();
  const auto here = []() -> Async<Random*> { co_return &Random::current(); };
  CurrentThread executor;
  CHECK(executor.block_on(here) == &outside);
  Runtime first = runtime_with(7);
  Runtime second = runtime_with(7);
  Random* const of_first = first.block_on(here);
  CHECK(of_first != &outside);
  CHECK(of_first != second.block_on(here));
  CHECK(of_first == first.block_on(here));
  const nara::Current inside = first.enter();
  CHECK(&Random::current() == of_first);
}

TEST_CASE("the numbers are those of SplitMix64") {
  Random random(1'234'567);
  for (const std::uint64_t expected :
       {6'457'827'717'110'365'317U, 3'203'168'211'198'807'973U, 9'817'491'932'198'370'423U}) {
    CHECK(random.next() == expected);
  }
}

TEST_CASE("below() gives all numbers below its limit, equally often, and no other") {
  Random random(7);
  std::array<int, 10> times{};
  for (int i = 0; i < 10'000; ++i) ++times.at(random.below(10));
  CHECK(std::ranges::min(times) > 850);
  CHECK(std::ranges::max(times) < 1150);
  for (int i = 0; i < 100; ++i) CHECK(random.below(1) == 0);
  step("the greatest limit");
  bool has_seen_high = false;
  for (int i = 0; i < 100; ++i) {
    const std::size_t number = random.below(std::size_t{1} << 32);
    CHECK(number < std::size_t{1} << 32);
    has_seen_high = has_seen_high || number > std::size_t{1} << 31;
  }
  CHECK(has_seen_high);
}
