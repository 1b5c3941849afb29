// Alarms that leave the wheel before their time, and those that stay in it for longer than a round.
#include <doctest/doctest.h>

#include <nara/detail/wheel.hpp>
#include <testkit/steps.hpp>

#include "alarms.hpp"

using nara::detail::Wheel;
using nara::test::step;

TEST_CASE("an alarm may be further away than all levels reach") {
  for (const Tick tick : {Tick{1} << 36, (Tick{1} << 36) + 5, (Tick{3} << 36) + 7, Tick{1} << 43}) {
    step("an alarm at tick ", tick);
    At alarm(tick);
    Wheel wheel;
    REQUIRE(wheel.insert(alarm));
    CHECK(ring_next(wheel, alarm) == tick);
    step("the same in two leaps");
    At another(tick * 2);
    REQUIRE(wheel.insert(another));
    REQUIRE(wheel.expire(tick * 2 - 1) == nullptr);
    REQUIRE(wheel.expire(tick * 2) == &another);
  }
}

TEST_CASE(
    "one that is a whole round further away waits for its own time, beside one that is near") {
  constexpr Tick kRound = Tick{1} << 36;
  constexpr Tick kSlot = Tick{1} << 30;
  At far(5 * kSlot + 3 + kRound);
  At near(5 * kSlot + 3);
  At behind(2 * kSlot + kRound);
  Wheel wheel;
  REQUIRE(wheel.insert(far));
  REQUIRE(wheel.insert(near));
  CHECK(due(wheel, near.when) == Rung{&near});
  step("the time is past the slot of one that comes in: it rings the next time around");
  REQUIRE(wheel.insert(behind));
  CHECK(wheel.expire(behind.when - 1) == nullptr);
  CHECK(due(wheel, behind.when) == Rung{&behind});
  CHECK(wheel.expire(far.when - 1) == nullptr);
  CHECK(due(wheel, far.when) == Rung{&far});
}

TEST_CASE("one that is a whole round further away does not hide one that is nearer") {
  constexpr Tick kRound = Tick{1} << 36;
  constexpr Tick kSlot = Tick{1} << 30;
  At far(5 * kSlot + kRound);
  At near(9 * kSlot);
  Wheel wheel;
  REQUIRE(wheel.insert(far));
  REQUIRE(wheel.insert(near));
  step("the time comes to the slot of the one that is far");
  CHECK(wheel.expire(5 * kSlot + 1) == nullptr);
  CHECK(*wheel.next() <= near.when);
  CHECK(due(wheel, near.when) == Rung{&near});
}

TEST_CASE("a removed alarm never rings, and stands in no list") {
  for (const Tick tick : {Tick{5}, Tick{64}, Tick{5'000}, Tick{1} << 37}) {
    step("three at tick ", tick, ": without the second");
    At alarms[] = {At(tick), At(tick), At(tick)};
    Wheel wheel;
    for (At& alarm : alarms) REQUIRE(wheel.insert(alarm));
    wheel.remove(alarms[1]);
    CHECK_FALSE(alarms[1].is_linked());
    CHECK(due(wheel, tick) == Rung{&alarms[0], &alarms[2]});
  }
}

TEST_CASE("a wheel whose last alarm was removed is empty, and has nothing to do") {
  for (const Tick tick : kTicks) {
    step("an alarm at tick ", tick);
    At alarm(tick);
    Wheel wheel;
    REQUIRE(wheel.insert(alarm));
    (void)wheel.expire(tick / 2);
    wheel.remove(alarm);
    CHECK(wheel.empty());
    CHECK_FALSE(wheel.next().has_value());
    CHECK(wheel.expire(tick) == nullptr);
  }
}

TEST_CASE("a removed alarm can be taken in again, for another time") {
  At alarm(5'000);
  Wheel wheel;
  REQUIRE(wheel.insert(alarm));
  wheel.remove(alarm);
  alarm.when = 10;
  REQUIRE(wheel.insert(alarm));
  CHECK(due(wheel, 10) == Rung{&alarm});
  alarm.when = 70;
  REQUIRE(wheel.insert(alarm));
  CHECK(due(wheel, 70) == Rung{&alarm});
}

TEST_CASE("one that is due may be removed before it is given out") {
  At alarms[] = {At(64), At(64), At(64)};
  At later(64 + 64);
  Wheel wheel;
  for (At& alarm : alarms) REQUIRE(wheel.insert(alarm));
  REQUIRE(wheel.insert(later));
  REQUIRE(wheel.expire(64) == &alarms[0]);
  wheel.remove(alarms[1]);
  CHECK_FALSE(alarms[1].is_linked());
  CHECK(due(wheel, 64) == Rung{&alarms[2]});
  step("the last of those that are due");
  At lonely[] = {At(70), At(70)};
  for (At& alarm : lonely) REQUIRE(wheel.insert(alarm));
  REQUIRE(wheel.expire(70) == &lonely[0]);
  wheel.remove(lonely[1]);
  CHECK(wheel.expire(70) == nullptr);
  CHECK(due(wheel, 64 + 64) == Rung{&later});
}
