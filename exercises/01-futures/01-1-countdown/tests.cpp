// The tests of 01-1. The test plays the executor: it polls by hand and counts the wakes.
#include <doctest/doctest.h>

#include <countdown.hpp>
#include <testkit/by_hand.hpp>

using nara::test::by_hand;
using nara::test::step;

static_assert(nara::Future<Countdown>, "Countdown must have a poll(Context&) and an Output");

TEST_CASE("01-1 Countdown: from 0, it is ready at once") {
  step("make a countdown from 0");
  auto countdown = by_hand(Countdown(0));
  step("poll it: ready");
  CHECK(countdown.poll().is_ready());
}

TEST_CASE("01-1 Countdown: from 3, it is pending three times, then ready") {
  step("make a countdown from 3; nobody has polled it, so all 3 are left");
  auto countdown = by_hand(Countdown(3));
  CHECK(countdown.future().left() == 3);
  for (int left = 2; left >= 0; --left) {
    step("poll it: pending, ", left, " left");
    REQUIRE(countdown.poll().is_pending());
    REQUIRE(countdown.future().left() == left);
  }
  step("poll it once more: ready, and still 0 left");
  CHECK(countdown.poll().is_ready());
  CHECK(countdown.future().left() == 0);
}

TEST_CASE("01-1 Countdown: whenever it is pending, it has asked to be polled again") {
  step("make a countdown from 2");
  auto countdown = by_hand(Countdown(2));
  for (int polls = 1; polls <= 2; ++polls) {
    step("poll it: pending, and it has woken its waker");
    REQUIRE(countdown.poll().is_pending());
    REQUIRE(countdown.is_woken());
  }
  step("poll it: ready, and it has woken nobody, since nobody has to ask again");
  REQUIRE(countdown.poll().is_ready());
  CHECK_FALSE(countdown.is_woken());
}

TEST_CASE("01-1 Countdown: two countdowns that are polled in turn do not disturb each other") {
  step("make a countdown from 1 and a countdown from 2");
  auto one = by_hand(Countdown(1));
  auto two = by_hand(Countdown(2));
  step("poll both: pending");
  REQUIRE(one.poll().is_pending());
  REQUIRE(two.poll().is_pending());
  step("poll both: the first is ready, the second is pending");
  REQUIRE(one.poll().is_ready());
  REQUIRE(two.poll().is_pending());
  step("poll the second: ready");
  REQUIRE(two.poll().is_ready());
}
