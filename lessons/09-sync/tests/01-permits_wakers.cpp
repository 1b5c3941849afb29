// What those who wait may do while they are woken, and while their wakers are dropped: anything,
// for nobody holds the lock.
#include <doctest/doctest.h>

#include <deque>
#include <nara/context.hpp>
#include <nara/detail/permits.hpp>
#include <nara/wake_list.hpp>
#include <optional>
#include <testkit/by_hand.hpp>
#include <testkit/steps.hpp>

#include "wants.hpp"

using nara::Context;
using nara::WakeList;
using nara::Waker;
using nara::detail::Held;
using nara::detail::Permits;
using nara::test::by_hand;
using nara::test::step;

namespace {

constexpr int kMany = 3 * static_cast<int>(WakeList::kCapacity) + 4;

/// Polls with this waker, once.
void begin_to_wait(Want& want, const Waker& waker) {
  Context context(waker);
  CHECK(want.poll(context).is_pending());
}

/// Puts so many in line.
void line_up(std::deque<Waiting>& line, Permits& permits, int count) {
  for (int i = 0; i < count; ++i) CHECK(line.emplace_back(Want(permits)).poll().is_pending());
}

int woken(const std::deque<Waiting>& line) {
  int count = 0;
  for (const Waiting& each : line) count += each.wakes();
  return count;
}

}  // namespace

TEST_CASE("as many are woken as there are permits, also when that is a hundred at once") {
  Permits permits(0);
  std::deque<Waiting> line;
  line_up(line, permits, kMany);
  permits.release(kMany - 1);
  CHECK(woken(line) == kMany - 1);
  CHECK_FALSE(line.back().is_woken());
  permits.dismiss_all();
  CHECK(line.back().is_woken());
  CHECK(woken(line) == kMany);
}

TEST_CASE("all are dismissed, also when they are a hundred") {
  Permits permits(0);
  std::deque<Waiting> line;
  line_up(line, permits, kMany);
  permits.dismiss_all();
  CHECK(woken(line) == kMany);
  for (Waiting& each : line) CHECK_FALSE(each.poll().value().is_held());
}

TEST_CASE("who was polled with two wakers is woken through the later one, and keeps no other") {
  Permits permits(0);
  nara::test::WakeCounter first;
  nara::test::WakeCounter second;
  Want want(permits);
  begin_to_wait(want, first.waker());
  CHECK(first.wakers_out() == 1);
  begin_to_wait(want, second.waker());
  CHECK(first.wakers_out() == 0);
  permits.release(1);
  CHECK(first.wakes() == 0);
  CHECK(second.wakes() == 1);
}

TEST_CASE("who is woken may take, give, stand in line and go away, from within its waker") {
  for (const bool is_dismissal : {false, true}) {
    step(is_dismissal ? "it is dismissed" : "it is given a permit");
    Permits permits(0);
    Acting acting;
    Want first(permits);
    std::optional<Want> given_up(permits);
    std::optional<Want> late;
    begin_to_wait(first, acting.waker());
    begin_to_wait(*given_up, Waker::noop());
    bool was_woken = false;
    acting.when_woken = [&] {
      was_woken = true;
      CHECK_FALSE(permits.try_acquire(1));
      begin_to_wait(late.emplace(permits), Waker::noop());
      given_up.reset();
      permits.release(1);
    };
    is_dismissal ? permits.dismiss_all() : permits.release(1);
    CHECK(was_woken);
    const Waker nobody = Waker::noop();
    Context context(nobody);
    const Held held = late->poll(context).value();
    CHECK(held.is_held());
  }
}

TEST_CASE(
    "a waker that goes may take the lock: when another takes its place, or its owner leaves") {
  Permits permits(0);
  for (const bool is_replaced : {true, false}) {
    Acting acting;
    bool is_gone = false;
    acting.when_gone = [&] {
      is_gone = true;
      permits.dismiss_all();
    };
    std::optional<Want> want(permits);
    begin_to_wait(*want, acting.waker());
    CHECK_FALSE(is_gone);
    if (is_replaced) {
      begin_to_wait(*want, Waker::noop());
    } else {
      want.reset();
    }
    CHECK(is_gone);
  }
}

TEST_CASE("who waits longest keeps its turn, when others leave while a hundred are woken") {
  Permits permits(0);
  Acting acting;
  Want first(permits);
  begin_to_wait(first, acting.waker());
  std::deque<Waiting> line;
  line_up(line, permits, kMany);
  step("the first one sends the last ones away, while the rest is served");
  acting.when_woken = [&] {
    for (int i = 0; i < 10; ++i) line.pop_back();
  };
  permits.release(kMany);
  CHECK(woken(line) == kMany - 10);
  CHECK(permits.available() == 9);
}

TEST_CASE("who comes while a hundred are woken stands behind them, and gets what is left") {
  Permits permits(0);
  Acting acting;
  Want first(permits);
  begin_to_wait(first, acting.waker());
  std::deque<Waiting> line;
  line_up(line, permits, kMany);
  auto late = by_hand(Want(permits));
  acting.when_woken = [&] {
    CHECK_FALSE(permits.try_acquire(1));
    CHECK(late.poll().is_pending());
  };
  SUBCASE("and that is enough for it") {
    permits.release(kMany + 2);
    CHECK(late.is_woken());
    CHECK(woken(line) == kMany);
  }
  SUBCASE("and that is nothing") {
    permits.release(kMany + 1);
    CHECK_FALSE(late.is_woken());
    CHECK(woken(line) == kMany);
  }
}

TEST_CASE("who comes while a hundred are dismissed is not, and who leaves then is gone") {
  Permits permits(0);
  Acting acting;
  Want first(permits);
  begin_to_wait(first, acting.waker());
  std::deque<Waiting> line;
  line_up(line, permits, kMany);
  std::optional<Waiting> late;
  acting.when_woken = [&] {
    step("the last two leave, the one before learns of it early, and one comes");
    line.pop_back();
    line.pop_back();
    CHECK_FALSE(line.back().poll().value().is_held());
    CHECK(late.emplace(Want(permits)).poll().is_pending());
  };
  permits.dismiss_all();
  CHECK(woken(line) == kMany - 3);
  CHECK_FALSE(late->is_woken());
  permits.release(1);
  CHECK(late->is_woken());
}
