// The wait list, when somebody goes away: whatever it was given goes to the next.
#include <doctest/doctest.h>

#include <cstddef>
#include <deque>
#include <nara/async.hpp>
#include <nara/context.hpp>
#include <nara/detail/permits.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/steps.hpp>
#include <utility>

#include "wants.hpp"

using nara::detail::Held;
using nara::detail::Permits;
using nara::test::by_hand;
using nara::test::step;

TEST_CASE("who goes away while it waits leaves the line, and its waker with it") {
  Permits permits(0);
  auto first = by_hand(Want(permits));
  auto middle = by_hand(Want(permits));
  auto last = by_hand(Want(permits));
  for (Waiting* each : {&first, &middle, &last}) CHECK(each->poll().is_pending());
  middle.cancel();
  CHECK(middle.wakers_out() == 0);
  permits.release(2);
  CHECK(first.is_woken());
  CHECK(last.is_woken());
  CHECK(middle.wakes() == 0);
}

TEST_CASE("who was never polled has taken nothing, and leaves nothing") {
  Permits permits(1);
  auto want = by_hand(Want(permits));
  want.cancel();
  CHECK(permits.available() == 1);
}

TEST_CASE("when the last one has gone, permits are free again for all") {
  Permits permits(0);
  auto want = by_hand(Want(permits));
  CHECK(want.poll().is_pending());
  want.cancel();
  permits.release(1);
  CHECK(permits.available() == 1);
  CHECK(permits.try_acquire(1));
}

TEST_CASE("what somebody was given in part goes to the next who waits") {
  Permits permits(2);
  auto many = by_hand(Want(permits, 4));
  auto two = by_hand(Want(permits, 2));
  auto three = by_hand(Want(permits, 3));
  for (Waiting* each : {&many, &two, &three}) CHECK(each->poll().is_pending());
  permits.release(1);
  step("the first has 3 of 4 and goes away");
  many.cancel();
  CHECK(two.is_woken());
  CHECK_FALSE(three.is_woken());
  step("one of the 3 is with the last already");
  permits.release(2);
  CHECK(three.is_woken());
  CHECK(permits.available() == 0);
}

TEST_CASE("what somebody was given in part is free, when nobody else waits") {
  Permits permits(2);
  auto many = by_hand(Want(permits, 4));
  CHECK(many.poll().is_pending());
  CHECK(permits.available() == 0);
  permits.release(1);
  many.cancel();
  CHECK(permits.available() == 3);
}

TEST_CASE("who was chosen, and goes away before it is polled, passes that on") {
  Permits permits(1);
  REQUIRE(permits.try_acquire(1));
  auto chosen = by_hand(Want(permits));
  auto next = by_hand(Want(permits));
  CHECK(chosen.poll().is_pending());
  CHECK(next.poll().is_pending());
  permits.release(1);
  CHECK(chosen.is_woken());
  CHECK_FALSE(next.is_woken());
  chosen.cancel();
  CHECK(next.is_woken());
  step("and so does the next, with nobody left");
  next.cancel();
  CHECK(permits.available() == 1);
}

TEST_CASE("who was chosen with many, and goes away, serves all whom that is enough for") {
  Permits permits(0);
  auto many = by_hand(Want(permits, 3));
  CHECK(many.poll().is_pending());
  std::deque<Waiting> others;
  for (int i = 0; i < 4; ++i) CHECK(others.emplace_back(Want(permits)).poll().is_pending());
  permits.release(3);
  many.cancel();
  for (const std::size_t i : {0U, 1U, 2U}) CHECK(others.at(i).is_woken());
  CHECK_FALSE(others.at(3).is_woken());
}

TEST_CASE("who has been served gives nothing back when its future goes: the permits are its own") {
  Permits permits(1);
  auto want = by_hand(Want(permits));
  const Held held = want.poll().value();
  want.cancel();
  CHECK(permits.available() == 0);
  CHECK(held.count() == 1);
}

TEST_CASE("a coroutine that waits for permits can be destroyed anywhere, and none is lost") {
  Permits permits(0);
  const auto body = [&](nara::test::Tracked kept) -> nara::Async<> {
    Want two(permits, 2);
    const Held first = co_await two;
    Want three(permits, 3);
    const Held second = co_await three;
    CHECK(second.count() == 3);
    (void)kept;
  };
  const int suspensions = nara::test::destroy_at_every_suspension(
      [&] {
        step("all that were given so far are free again, and are taken away");
        permits.forget(permits.available());
        return body(nara::test::Tracked());
      },
      [&](int poll) {
        REQUIRE(poll <= 5);
        permits.release(1);
      });
  CHECK(suspensions == 5);
  CHECK(permits.available() == 5);
}

TEST_CASE("when the budget is used up, who was chosen keeps its permit and asks to be polled") {
  Permits permits(0);
  nara::test::WakeCounter counter;
  const nara::Waker waker = counter.waker();
  auto want = by_hand(Want(permits));
  CHECK(want.poll().is_pending());
  permits.release(1);
  {
    nara::Context context(waker);
    while (context.spend()) {
    }
    CHECK(want.future().poll(context).is_pending());
  }
  CHECK(counter.wakes() == 1);
  CHECK(permits.available() == 0);
  nara::Context context(waker);
  const Held held = want.future().poll(context).value();
  CHECK(held.count() == 1);
}

TEST_CASE("when the budget is used up, a pending poll has not asked to be polled") {
  Permits permits(0);
  nara::test::WakeCounter counter;
  const nara::Waker waker = counter.waker();
  nara::Context context(waker);
  while (context.spend()) {
  }
  Want want(permits);
  CHECK(want.poll(context).is_pending());
  CHECK(counter.wakes() == 0);
}

TEST_CASE("who goes away with an empty budget, but chosen, passes its permit on") {
  for (const bool is_free : {true, false}) {
    Permits permits(is_free ? 1 : 0);
    Waiting want((Want(permits)));
    if (!is_free) {
      CHECK(want.poll().is_pending());
      permits.release(1);
    }
    const nara::Waker waker = nara::Waker::noop();
    nara::Context context(waker);
    while (context.spend()) {
    }
    CHECK(want.future().poll(context).is_pending());
    CHECK(permits.available() == 0);
    want.cancel();
    CHECK(permits.available() == 1);
  }
}
