// What a waker counts, and what it costs to keep one.
#include <doctest/doctest.h>

#include <nara/waker.hpp>
#include <testkit/by_hand.hpp>
#include <thread>
#include <type_traits>
#include <vector>

using nara::Waker;
using nara::test::step;
using nara::test::WakeCounter;

static_assert(!std::is_copy_constructible_v<Waker>, "a copy is asked for with clone()");
static_assert(std::is_nothrow_move_constructible_v<Waker>);

TEST_CASE("a waker can be woken by reference any number of times") {
  WakeCounter counter;
  const Waker waker = counter.waker();
  waker.wake_by_ref();
  waker.wake_by_ref();
  CHECK(counter.wakes() == 2);
  CHECK(counter.wakers_out() == 1);
}

TEST_CASE("waking by value hands the waker over: it wakes once and leaves a noop behind") {
  WakeCounter counter;
  Waker waker = counter.waker();
  std::move(waker).wake();
  CHECK(counter.wakes() == 1);
  CHECK(counter.wakers_out() == 0);
  step("wake it again");
  waker.wake_by_ref();
  CHECK(counter.wakes() == 1);
}

TEST_CASE("every clone is counted until it is destroyed") {
  WakeCounter counter;
  const Waker waker = counter.waker();
  {
    const Waker clone = waker.clone();
    CHECK(counter.wakers_out() == 2);
    clone.wake_by_ref();
  }
  CHECK(counter.wakers_out() == 1);
  CHECK(counter.wakes() == 1);
}

TEST_CASE("moving a waker counts nothing, and the one that was moved from does nothing") {
  WakeCounter counter;
  Waker first = counter.waker();
  Waker second = std::move(first);
  CHECK(counter.wakers_out() == 1);
  first.wake_by_ref();
  CHECK(counter.wakes() == 0);
  first = std::move(second);
  CHECK(counter.wakers_out() == 1);
  first.wake_by_ref();
  CHECK(counter.wakes() == 1);
}

TEST_CASE("clone_from keeps a waker that wakes the same future and replaces one that does not") {
  WakeCounter mine;
  WakeCounter other;
  const Waker polled_with = mine.waker();
  Waker kept = Waker::noop();
  kept.clone_from(polled_with);
  CHECK(mine.wakers_out() == 2);
  step("store the same one again");
  kept.clone_from(polled_with);
  CHECK(mine.wakers_out() == 2);
  step("store one that wakes another future");
  const Waker moved_to = other.waker();
  kept.clone_from(moved_to);
  CHECK(mine.wakers_out() == 1);
  CHECK(other.wakers_out() == 2);
}

TEST_CASE("will_wake is true for a clone and false for the waker of another future") {
  WakeCounter one;
  WakeCounter two;
  const Waker waker = one.waker();
  CHECK(waker.will_wake(waker.clone()));
  CHECK_FALSE(waker.will_wake(two.waker()));
  CHECK_FALSE(waker.will_wake(Waker::noop()));
  CHECK(Waker::noop().will_wake(Waker::noop()));
}

TEST_CASE("wakers are cloned, woken and destroyed from several threads at once") {
  constexpr int kThreads = 4;
  constexpr int kRounds = 1000;
  WakeCounter counter;
  {
    const Waker waker = counter.waker();
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([mine = waker.clone()] {
        for (int round = 0; round < kRounds; ++round) {
          Waker clone = mine.clone();
          mine.wake_by_ref();
          std::move(clone).wake();
        }
      });
    }
  }
  CHECK(counter.wakes() == 2 * kThreads * kRounds);
  CHECK(counter.wakers_out() == 0);
}
