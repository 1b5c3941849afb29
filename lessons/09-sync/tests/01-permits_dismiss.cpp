// The wait list, when those who wait are sent away: all of them, or for ever.
#include <doctest/doctest.h>

#include <cstddef>
#include <nara/detail/permits.hpp>
#include <nara/misuse.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/steps.hpp>
#include <utility>

#include "wants.hpp"

using nara::detail::Held;
using nara::detail::Permits;
using nara::test::by_hand;
using nara::test::step;

TEST_CASE("who is dismissed is woken, and is ready with nothing") {
  Permits permits(0);
  auto first = by_hand(Want(permits));
  auto second = by_hand(Want(permits, 2));
  CHECK(first.poll().is_pending());
  CHECK(second.poll().is_pending());
  permits.dismiss_all();
  CHECK(first.is_woken());
  CHECK(second.is_woken());
  CHECK_FALSE(first.poll().value().is_held());
  CHECK_FALSE(second.poll().value().is_held());
  CHECK(permits.available() == 0);
}

TEST_CASE("who was made before a dismissal is dismissed by it, though it is polled only after") {
  Permits permits(0);
  auto before = by_hand(Want(permits));
  Want made(permits);
  permits.dismiss_all();
  auto moved_since = by_hand(std::move(made));
  auto after = by_hand(Want(permits));
  CHECK_FALSE(before.poll().value().is_held());
  CHECK_FALSE(moved_since.poll().value().is_held());
  CHECK(after.poll().is_pending());
}

TEST_CASE("a dismissal keeps nothing: who comes later waits") {
  Permits permits(0);
  permits.dismiss_all();
  auto want = by_hand(Want(permits));
  CHECK(want.poll().is_pending());
  permits.release(1);
  CHECK(want.poll().is_ready());
}

TEST_CASE("who was dismissed takes no permit that has come since") {
  Permits permits(0);
  auto dismissed = by_hand(Want(permits));
  CHECK(dismissed.poll().is_pending());
  permits.dismiss_all();
  permits.release(1);
  CHECK_FALSE(dismissed.poll().value().is_held());
  CHECK(permits.available() == 1);
}

TEST_CASE("who was dismissed stands in nobody's way") {
  Permits permits(0);
  auto dismissed = by_hand(Want(permits));
  CHECK(dismissed.poll().is_pending());
  permits.dismiss_all();
  auto next = by_hand(Want(permits));
  CHECK(next.poll().is_pending());
  permits.release(1);
  CHECK(next.is_woken());
  CHECK_FALSE(dismissed.poll().value().is_held());
}

TEST_CASE("what somebody who is dismissed was given in part goes to others") {
  for (const bool is_polled : {true, false}) {
    Permits permits(1);
    auto want = by_hand(Want(permits, 3));
    CHECK(want.poll().is_pending());
    permits.dismiss_all();
    auto next = by_hand(Want(permits));
    CHECK(next.poll().is_pending());
    if (is_polled) {
      step("the one that was dismissed learns of it");
      CHECK_FALSE(want.poll().value().is_held());
    } else {
      step("the one that was dismissed goes away");
      want.cancel();
    }
    CHECK(next.is_woken());
  }
}

TEST_CASE("who was chosen before a dismissal keeps what it has") {
  Permits permits(0);
  auto want = by_hand(Want(permits));
  CHECK(want.poll().is_pending());
  permits.release(1);
  permits.dismiss_all();
  CHECK(want.wakes() == 1);
  const Held held = want.poll().value();
  CHECK(held.is_held());
}

TEST_CASE("when permits are closed, those who wait get none, and neither does anybody later") {
  Permits permits(0);
  auto waiting = by_hand(Want(permits));
  auto made_before = by_hand(Want(permits));
  CHECK(waiting.poll().is_pending());
  CHECK_FALSE(permits.is_closed());
  permits.close();
  CHECK(permits.is_closed());
  CHECK(waiting.is_woken());
  permits.release(2);
  CHECK(permits.available() == 2);
  CHECK_FALSE(permits.try_acquire(1));
  CHECK_FALSE(waiting.poll().value().is_held());
  CHECK_FALSE(made_before.poll().value().is_held());
  auto late = by_hand(Want(permits));
  CHECK_FALSE(late.poll().value().is_held());
  CHECK(permits.available() == 2);
}

TEST_CASE("when permits are closed, who wants none does not get that either") {
  Permits permits(1);
  permits.close();
  auto want = by_hand(Want(permits, 0));
  CHECK_FALSE(want.poll().value().is_held());
}

TEST_CASE("permits may be closed twice, and what was taken before stays valid") {
  Permits permits(1);
  auto want = by_hand(Want(permits));
  {
    const Held held = want.poll().value();
    permits.close();
    permits.close();
    CHECK(held.count() == 1);
  }
  CHECK(permits.available() == 1);
  CHECK(permits.forget(1) == 1);
}

TEST_CASE("who was chosen before the close has its permits, and who goes away leaves them free") {
  Permits permits(0);
  auto first = by_hand(Want(permits));
  auto second = by_hand(Want(permits));
  CHECK(first.poll().is_pending());
  CHECK(second.poll().is_pending());
  permits.release(1);
  permits.close();
  CHECK(second.is_woken());
  first.cancel();
  CHECK(permits.available() == 1);
  CHECK_FALSE(second.poll().value().is_held());
}

TEST_CASE("a permit can be given to the last of those who wait") {
  Permits permits(0);
  auto first = by_hand(Want(permits));
  auto middle = by_hand(Want(permits));
  auto last = by_hand(Want(permits));
  for (Waiting* each : {&first, &middle, &last}) CHECK(each->poll().is_pending());
  permits.release_to_last();
  CHECK(last.is_woken());
  CHECK_FALSE(first.is_woken());
  step("the others stand in line as before");
  permits.release(1);
  CHECK(first.is_woken());
  CHECK_FALSE(middle.is_woken());
  permits.release_to_last();
  CHECK(middle.is_woken());
  permits.release_to_last();
  CHECK(permits.available() == 1);
}

TEST_CASE("to poll after it was ready is a misuse, with or without a permit") {
  Permits permits(1);
  auto want = by_hand(Want(permits));
  auto dismissed = by_hand(Want(permits));
  const Held held = want.poll().value();
  permits.close();
  (void)dismissed.poll();
  for (Waiting* each : {&want, &dismissed}) {
    CHECK_THROWS_WITH_AS((void)each->poll(), "a Want was polled again after it was ready",
                         nara::Misuse);
  }
}
