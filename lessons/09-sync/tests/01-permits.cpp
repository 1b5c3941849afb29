// The wait list that all of this lesson is made of: who gets permits, and when.
#include <doctest/doctest.h>

#include <cstddef>
#include <nara/detail/permits.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/steps.hpp>
#include <utility>

#include "wants.hpp"

using nara::detail::Held;
using nara::detail::Permits;
using nara::test::by_hand;
using nara::test::step;

TEST_CASE("permits that are free are taken at once, and come back when they are dropped") {
  Permits permits(3);
  auto want = by_hand(Want(permits, 2));
  {
    const Held held = want.poll().value();
    CHECK(held.count() == 2);
    CHECK(permits.available() == 1);
    CHECK_FALSE(permits.try_acquire(2));
    CHECK(permits.try_acquire(1));
    CHECK(permits.available() == 0);
  }
  CHECK(permits.available() == 2);
  CHECK(want.wakes() == 0);
}

TEST_CASE("who finds none free waits, is woken once, and has what was given back") {
  Permits permits(1);
  REQUIRE(permits.try_acquire(1));
  auto want = by_hand(Want(permits));
  CHECK(want.poll().is_pending());
  CHECK(want.wakers_out() == 1);
  permits.release(1);
  CHECK(want.wakes() == 1);
  CHECK(want.wakers_out() == 0);
  const Held held = want.poll().value();
  CHECK(held.count() == 1);
  CHECK(permits.available() == 0);
}

TEST_CASE("to poll once more does not lose the place in the line") {
  Permits permits(0);
  auto first = by_hand(Want(permits));
  auto second = by_hand(Want(permits));
  CHECK(first.poll().is_pending());
  CHECK(second.poll().is_pending());
  step("the first is polled again, and wants no second permit");
  CHECK(first.poll().is_pending());
  permits.release(1);
  CHECK(first.is_woken());
  CHECK_FALSE(second.is_woken());
}

TEST_CASE("those who wait are served in the order of their first polls") {
  Permits permits(0);
  auto made_first = by_hand(Want(permits));
  auto polled_first = by_hand(Want(permits));
  auto last = by_hand(Want(permits));
  CHECK(polled_first.poll().is_pending());
  CHECK(made_first.poll().is_pending());
  CHECK(last.poll().is_pending());
  permits.release(1);
  CHECK(polled_first.is_woken());
  CHECK_FALSE(made_first.is_woken());
  permits.release(1);
  CHECK(made_first.is_woken());
  CHECK_FALSE(last.is_woken());
  permits.release(1);
  CHECK(last.is_woken());
}

TEST_CASE("who was chosen has its permit, though it was not polled yet") {
  Permits permits(1);
  REQUIRE(permits.try_acquire(1));
  auto chosen = by_hand(Want(permits));
  CHECK(chosen.poll().is_pending());
  permits.release(1);
  step("others come before the chosen one is polled");
  CHECK_FALSE(permits.try_acquire(1));
  auto late = by_hand(Want(permits));
  CHECK(late.poll().is_pending());
  CHECK(chosen.poll().is_ready());
}

TEST_CASE("who wants many has at once what is free, and gets the rest as it comes") {
  Permits permits(2);
  auto want = by_hand(Want(permits, 5));
  CHECK(want.poll().is_pending());
  CHECK(permits.available() == 0);
  permits.release(2);
  CHECK_FALSE(want.is_woken());
  CHECK(want.poll().is_pending());
  permits.release(1);
  CHECK(want.is_woken());
  const Held held = want.poll().value();
  CHECK(held.count() == 5);
}

TEST_CASE("nobody who wants few can overtake somebody who wants many") {
  Permits permits(2);
  auto many = by_hand(Want(permits, 3));
  CHECK(many.poll().is_pending());
  auto few = by_hand(Want(permits));
  CHECK_FALSE(permits.try_acquire(1));
  CHECK(few.poll().is_pending());
  permits.release(1);
  CHECK(many.is_woken());
  CHECK_FALSE(few.is_woken());
  permits.release(1);
  CHECK(few.is_woken());
}

TEST_CASE("what is given back at once goes to as many as it is enough for") {
  Permits permits(0);
  auto first = by_hand(Want(permits, 2));
  auto second = by_hand(Want(permits, 2));
  auto third = by_hand(Want(permits, 2));
  for (Waiting* each : {&first, &second, &third}) CHECK(each->poll().is_pending());
  permits.release(5);
  CHECK(first.is_woken());
  CHECK(second.is_woken());
  CHECK_FALSE(third.is_woken());
  CHECK(permits.available() == 0);
  permits.release(3);
  CHECK(third.is_woken());
  CHECK(permits.available() == 2);
}

TEST_CASE("when nobody waits any more, permits are free again") {
  Permits permits(0);
  auto want = by_hand(Want(permits));
  CHECK(want.poll().is_pending());
  permits.release(1);
  (void)want.poll();
  CHECK(permits.available() == 1);
  permits.release(2);
  CHECK(permits.available() == 3);
  CHECK(permits.try_acquire(3));
}

TEST_CASE("there are never more than the most: what comes beyond that is lost") {
  Permits permits(0, 2);
  permits.release(1);
  permits.release(5);
  CHECK(permits.available() == 2);
  step("the same, when the rest is what somebody did not need");
  REQUIRE(permits.try_acquire(2));
  auto want = by_hand(Want(permits));
  CHECK(want.poll().is_pending());
  permits.release(9);
  CHECK(want.is_woken());
  CHECK(permits.available() == 2);
}

TEST_CASE("who wants none has that at once, though others wait") {
  Permits permits(0);
  auto some = by_hand(Want(permits));
  auto none = by_hand(Want(permits, 0));
  CHECK(some.poll().is_pending());
  const Held held = none.poll().value();
  CHECK(held.is_held());
  CHECK(held.count() == 0);
}

TEST_CASE("those that are free can be taken away for good, and no others") {
  Permits permits(3);
  CHECK(permits.forget(2) == 2);
  CHECK(permits.available() == 1);
  CHECK(permits.forget(5) == 1);
  CHECK(permits.forget(1) == 0);
  step("what somebody who waits has been given is not free");
  permits.release(1);
  auto want = by_hand(Want(permits, 2));
  CHECK(want.poll().is_pending());
  CHECK(permits.forget(1) == 0);
  permits.release(1);
  CHECK(want.is_woken());
}

TEST_CASE("who wants permits may be moved until the first poll") {
  Permits permits(0);
  Want made(permits);
  auto want = by_hand(std::move(made));
  CHECK(want.poll().is_pending());
  permits.release(1);
  CHECK(want.poll().is_ready());
  CHECK(permits.available() == 1);
}

TEST_CASE("permits that are held can be moved, taken apart, joined and forgotten") {
  Permits permits(7);
  REQUIRE(permits.try_acquire(5));
  Held held(permits, 5);
  {
    Held two = held.split(2);
    CHECK(two.count() == 2);
    CHECK(held.count() == 3);
    Held one = two.split(1);
    held.join(std::move(one));
    CHECK(held.count() == 4);
    CHECK(permits.available() == 2);
  }
  CHECK(permits.available() == 3);
  step("what is assigned to gives back what it had");
  REQUIRE(permits.try_acquire(3));
  Held other(permits, 3);
  other = std::move(held);
  CHECK(permits.available() == 3);
  CHECK_FALSE(held.is_held());
  other.forget();
  {
    const Held gone = std::move(other);
  }
  CHECK(permits.available() == 3);
}
