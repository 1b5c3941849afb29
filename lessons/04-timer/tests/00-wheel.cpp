// The wheel alone, as a data structure: nobody sleeps here, and no time passes but in numbers.
#include <doctest/doctest.h>

#include <cstdint>
#include <nara/detail/wheel.hpp>
#include <testkit/steps.hpp>
#include <vector>

using nara::detail::Alarm;
using nara::detail::Wheel;
using nara::test::step;

namespace {

using Tick = std::uint64_t;

struct At : Alarm {
  explicit At(Tick tick) { when = tick; }
};

/// A tick of each kind: at the ends of the wheel's rounds, just before, and just after.
constexpr Tick kTicks[] = {1,
                           2,
                           5,
                           63,
                           64,
                           65,
                           100,
                           127,
                           128,
                           4'095,
                           4'096,
                           4'097,
                           262'143,
                           262'144,
                           262'145,
                           16'777'215,
                           16'777'216,
                           16'777'217,
                           (1U << 30) - 1,
                           1U << 30,
                           (1U << 30) + 1,
                           (Tick{1} << 36) - 1};

/// All that are due at `tick`.
std::vector<const Alarm*> due(Wheel& wheel, Tick tick) {
  std::vector<const Alarm*> rung;
  while (const Alarm* alarm = wheel.expire(tick)) rung.push_back(alarm);
  return rung;
}

/// Goes from each tick that `next()` names to the following one, until an alarm rings. Says when.
Tick ring_next(Wheel& wheel, const Alarm& alarm) {
  while (true) {
    const std::optional<Tick> next = wheel.next();
    REQUIRE(next.has_value());
    REQUIRE(*next > wheel.now());
    REQUIRE(*next <= alarm.when);
    const Alarm* const rung = wheel.expire(*next);
    if (rung == nullptr) continue;
    REQUIRE(rung == &alarm);
    return *next;
  }
}

using Rung = std::vector<const Alarm*>;

}  // namespace

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
  step("the time is past the slot of one that comes in: its turn is the next time around");
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
