// A million who sleep at the same time.
#include <doctest/doctest.h>

#include <algorithm>
#include <nara/time/sleep.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/cost.hpp>
#include <vector>

#include "paused.hpp"

using namespace std::chrono_literals;

using nara::Context;
using nara::Waker;
using nara::test::Cost;
using nara::test::step;
using nara::time::now;
using nara::time::Sleep;
using nara::time::sleep;

namespace {

constexpr int kMany = 1'000'000;

/// A different one for each, within a day.
constexpr auto duration_of(int number) {
  return std::chrono::milliseconds(1 + std::int64_t{number} * 7'919 % 86'400'000);
}

/// Makes them, and lets them wait.
std::vector<Sleep> many_sleeps(const Waker& waker) {
  std::vector<Sleep> sleeps;
  sleeps.reserve(kMany);
  for (int number = 0; number < kMany; ++number) {
    Context context(waker);
    if (!sleeps.emplace_back(sleep(duration_of(number))).poll(context).is_pending()) {
      FAIL("one does not wait");
    }
  }
  return sleeps;
}

}  // namespace

TEST_CASE("a million sleeps end each in time" * doctest::timeout(60)) {
  in_paused([](auto& runtime) {
    nara::test::WakeCounter counter;
    const Waker waker = counter.waker();
    step(kMany, " sleeps");
    std::vector<Sleep> sleeps = many_sleeps(waker);
    step("half of the time, half of them");
    const auto half = std::chrono::milliseconds(43'200'000);
    const auto in_time = std::ranges::count_if(
        sleeps, [end = now() + half](const Sleep& each) { return each.deadline() <= end; });
    move_clock(runtime, half);
    CHECK(counter.wakes() == in_time);
    for (const Sleep& each : sleeps) {
      if (each.is_elapsed() != (each.deadline() <= now())) FAIL("one ended at a wrong time");
    }
    step("the others are given up");
    sleeps.clear();
    CHECK(counter.wakers_out() == 1);
    move_clock(runtime, half);
    CHECK(counter.wakes() == in_time);
  });
}

TEST_CASE("cost: a million sleeps take their own bytes and no more" * doctest::test_suite("cost") *
          doctest::timeout(60)) {
  if (!nara::test::kSeesAllocations) return;
  in_paused([](auto&) {
    nara::test::WakeCounter counter;
    const Waker waker = counter.waker();
    step(kMany, " sleeps: all that is allocated is the vector in which they are");
    const Cost cost;
    const std::vector<Sleep> sleeps = many_sleeps(waker);
    CHECK(cost.allocations() == 1);
  });
}
