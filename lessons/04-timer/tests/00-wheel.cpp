// The wheel alone, as a data structure: nobody sleeps here, and no time passes but in numbers.
#include <doctest/doctest.h>

#include <nara/detail/wheel.hpp>
#include <testkit/steps.hpp>
#include <vector>

#include "alarms.hpp"

using nara::detail::Alarm;
using nara::detail::Wheel;
using nara::test::step;

TEST_CASE("a new wheel is empty, and has nothing to do") {
  Wheel wheel;
  CHECK(wheel.empty());
  CHECK(wheel.now() == 0);
  CHECK_FALSE(wheel.next().has_value());
  CHECK(wheel.expire(1'000) == nullptr);
  CHECK(wheel.now() == 1'000);
}

TEST_CASE("an alarm rings at its tick, and not one before") {
  for (const Tick tick : kTicks) {
    step("an alarm at tick ", tick);
    At alarm(tick);
    Wheel wheel;
    REQUIRE(wheel.insert(alarm));
    CHECK_FALSE(wheel.empty());
    REQUIRE(wheel.expire(tick - 1) == nullptr);
    CHECK(wheel.now() == tick - 1);
    REQUIRE(wheel.expire(tick) == &alarm);
    CHECK_FALSE(alarm.is_linked());
    CHECK(wheel.expire(tick) == nullptr);
    CHECK(wheel.empty());
  }
}

TEST_CASE("an alarm whose time has come already is not taken in") {
  At now(100);
  At before(99);
  At long_ago(0);
  Wheel wheel;
  CHECK_FALSE(wheel.insert(long_ago));
  (void)wheel.expire(100);
  for (At* alarm : {&now, &before, &long_ago}) {
    CHECK_FALSE(wheel.insert(*alarm));
    CHECK_FALSE(alarm->is_linked());
  }
  CHECK(wheel.empty());
}

TEST_CASE("alarms ring in the order of their times, in whichever order they came") {
  At alarms[] = {At(70), At(3), At(5'000), At(64), At(4), At(1'000'000), At(63)};
  Wheel wheel;
  for (At& alarm : alarms) REQUIRE(wheel.insert(alarm));
  std::vector<Tick> times;
  for (const Alarm* alarm : due(wheel, 2'000'000)) times.push_back(alarm->when);
  CHECK(times == std::vector<Tick>{3, 4, 63, 64, 70, 5'000, 1'000'000});
}

TEST_CASE("alarms of the same tick ring in the order in which they came") {
  At first(5'000);
  At second(5'000);
  At third(5'000);
  At fourth(5'000);
  Wheel wheel;
  step("two when it is far, one when it is nearer, one when it is near");
  REQUIRE(wheel.insert(first));
  REQUIRE(wheel.insert(second));
  (void)wheel.expire(4'200);
  REQUIRE(wheel.insert(third));
  (void)wheel.expire(4'999);
  REQUIRE(wheel.insert(fourth));
  CHECK(due(wheel, 5'000) == Rung{&first, &second, &third, &fourth});
}

TEST_CASE("an alarm beyond the end of a round rings at its time") {
  for (const Tick start : {Tick{5}, Tick{63}, Tick{4'095}, Tick{262'143}, Tick{16'777'215}}) {
    for (const Tick ahead : {1, 2, 60, 64, 4'096, 300'000}) {
      step("from ", start, ", ", ahead, " ticks ahead");
      At alarm(start + ahead);
      Wheel wheel;
      (void)wheel.expire(start);
      REQUIRE(wheel.insert(alarm));
      REQUIRE(wheel.expire(start + ahead - 1) == nullptr);
      REQUIRE(wheel.expire(start + ahead) == &alarm);
    }
  }
}

TEST_CASE("next() is never later than an alarm, and leads to it") {
  for (const Tick tick : kTicks) {
    step("an alarm at tick ", tick);
    At alarm(tick);
    Wheel wheel;
    REQUIRE(wheel.insert(alarm));
    CHECK(ring_next(wheel, alarm) == tick);
    CHECK_FALSE(wheel.next().has_value());
  }
}

TEST_CASE("next() is now while one that is due has not been given out") {
  At first(70);
  At second(70);
  Wheel wheel;
  REQUIRE(wheel.insert(first));
  REQUIRE(wheel.insert(second));
  REQUIRE(wheel.expire(80) == &first);
  CHECK(wheel.now() == 70);
  CHECK(wheel.next() == 70);
  CHECK_FALSE(wheel.empty());
  REQUIRE(wheel.expire(80) == &second);
  CHECK(wheel.expire(80) == nullptr);
  CHECK(wheel.now() == 80);
}

TEST_CASE("an alarm that comes in while others are given out rings in its turn") {
  At first(50);
  At last(90);
  At at_once(50);
  At between(51);
  Wheel wheel;
  REQUIRE(wheel.insert(first));
  REQUIRE(wheel.insert(last));
  REQUIRE(wheel.expire(100) == &first);
  CHECK_FALSE(wheel.insert(at_once));
  REQUIRE(wheel.insert(between));
  CHECK(due(wheel, 100) == Rung{&between, &last});
}

TEST_CASE("time does not go back") {
  At alarm(90);
  Wheel wheel;
  (void)wheel.expire(80);
  REQUIRE(wheel.insert(alarm));
  CHECK(wheel.expire(10) == nullptr);
  CHECK(wheel.now() == 80);
  CHECK(due(wheel, 90) == Rung{&alarm});
}
