// A number of permits.
#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <nara/join_handle.hpp>
#include <nara/misuse.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/semaphore.hpp>
#include <optional>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "turns.hpp"

using nara::Async;
using nara::JoinHandle;
using nara::Misuse;
using nara::sync::OwnedSemaphorePermit;
using nara::sync::Semaphore;
using nara::sync::SemaphorePermit;
using nara::sync::TryAcquireError;
using nara::test::by_hand;
using nara::test::run;
using nara::test::step;

TEST_CASE("permits are taken, and come back when they are dropped: the number is always exact") {
  Semaphore semaphore(3);
  auto one = by_hand(semaphore.acquire());
  auto two = by_hand(semaphore.acquire_many(2));
  {
    const SemaphorePermit first = *one.poll().value();
    CHECK(semaphore.available_permits() == 2);
    const SemaphorePermit others = *two.poll().value();
    CHECK(others.count() == 2);
    CHECK(semaphore.available_permits() == 0);
  }
  CHECK(semaphore.available_permits() == 3);
}

TEST_CASE("a thousand tasks share five permits: no more than five at a time, and five are left") {
  run([]() -> Async<> {
    Semaphore semaphore(5);
    int inside = 0;
    int most = 0;
    std::vector<JoinHandle<void>> tasks;
    for (int number = 0; number < 1000; ++number) {
      tasks.push_back(nara::spawn([&]() -> Async<> {
        const auto permit = co_await semaphore.acquire();
        most = std::max(most, ++inside);
        co_await let_run();
        --inside;
      }));
    }
    for (JoinHandle<void>& task : tasks) (void)co_await task;
    CHECK(most == 5);
    CHECK(semaphore.available_permits() == 5);
  });
}

TEST_CASE("who finds too few permits waits for them, and nobody overtakes") {
  Semaphore semaphore(2);
  auto many = by_hand(semaphore.acquire_many(3));
  auto one = by_hand(semaphore.acquire());
  CHECK(many.poll().is_pending());
  CHECK(one.poll().is_pending());
  CHECK(semaphore.try_acquire().error() == TryAcquireError::kNoPermits);
  semaphore.add_permits(1);
  CHECK(many.is_woken());
  CHECK_FALSE(one.is_woken());
  CHECK(many.poll().value()->count() == 3);
  CHECK(one.is_woken());
}

TEST_CASE("what is not there at once can be tried for, with the reason") {
  Semaphore semaphore(2);
  std::optional permit = *semaphore.try_acquire(2);
  CHECK(permit->count() == 2);
  CHECK(semaphore.try_acquire().error() == TryAcquireError::kNoPermits);
  semaphore.close();
  CHECK(semaphore.try_acquire().error() == TryAcquireError::kClosed);
  permit.reset();
  CHECK(semaphore.try_acquire().error() == TryAcquireError::kClosed);
}

TEST_CASE("when a semaphore is closed, all who wait get an error, and so do all who come later") {
  Semaphore semaphore(1);
  auto holder = by_hand(semaphore.acquire());
  std::optional held = *holder.poll().value();
  auto waiting = by_hand(semaphore.acquire());
  auto waits_for_two = by_hand(semaphore.acquire_many(2));
  CHECK(waiting.poll().is_pending());
  CHECK(waits_for_two.poll().is_pending());
  CHECK_FALSE(semaphore.is_closed());
  semaphore.close();
  CHECK(semaphore.is_closed());
  CHECK(waiting.is_woken());
  CHECK(waits_for_two.is_woken());
  CHECK(waiting.poll().value().error() == nara::sync::AcquireError());
  CHECK_FALSE(waits_for_two.poll().value().has_value());
  auto late = by_hand(semaphore.acquire());
  CHECK(late.poll().value().error().message() == "the semaphore is closed");
  step("permits that come now are still counted");
  held.reset();
  CHECK(semaphore.available_permits() == 1);
  semaphore.add_permits(2);
  CHECK(semaphore.available_permits() == 3);
}

TEST_CASE("permits that are forgotten never go back") {
  Semaphore semaphore(5);
  {
    SemaphorePermit two = *semaphore.try_acquire(2);
    std::move(two).forget();
  }
  CHECK(semaphore.available_permits() == 3);
  CHECK(semaphore.forget_permits(2) == 2);
  CHECK(semaphore.available_permits() == 1);
  CHECK(semaphore.forget_permits(7) == 1);
  CHECK(semaphore.forget_permits(7) == 0);
  CHECK(semaphore.available_permits() == 0);
  semaphore.add_permits(1);
  CHECK(semaphore.available_permits() == 1);
}

TEST_CASE("permits can be taken apart and put together") {
  Semaphore semaphore(5);
  SemaphorePermit all = *semaphore.try_acquire(5);
  {
    const SemaphorePermit two = all.split(2);
    CHECK(two.count() == 2);
    CHECK(all.count() == 3);
    CHECK(semaphore.available_permits() == 0);
  }
  CHECK(semaphore.available_permits() == 2);
  all.merge(*semaphore.try_acquire(1));
  CHECK(all.count() == 4);
  CHECK(semaphore.available_permits() == 1);
  const SemaphorePermit rest = all.split(4);
  CHECK(all.count() == 0);
  CHECK(rest.count() == 4);
}

TEST_CASE("to take out more than there are, or to mix two semaphores, is a misuse") {
  Semaphore semaphore(2);
  Semaphore other(1);
  SemaphorePermit permit = *semaphore.try_acquire(2);
  CHECK_THROWS_WITH_AS((void)permit.split(3), doctest::Contains("split(3) was called for 2"),
                       Misuse);
  CHECK(permit.count() == 2);
  CHECK_THROWS_WITH_AS(permit.merge(*other.try_acquire()), doctest::Contains("another semaphore"),
                       Misuse);
  CHECK(permit.count() == 2);
  CHECK(other.available_permits() == 1);
}

TEST_CASE("a permit that is assigned to gives back what it had") {
  Semaphore semaphore(5);
  SemaphorePermit permit = *semaphore.try_acquire(2);
  permit = *semaphore.try_acquire(1);
  CHECK(semaphore.available_permits() == 4);
  const SemaphorePermit moved = std::move(permit);
  CHECK(semaphore.available_permits() == 4);
}

TEST_CASE("permits that own their semaphore keep it alive, on any thread") {
  auto semaphore = std::make_shared<Semaphore>(4);
  const std::weak_ptr<Semaphore> watch = semaphore;
  auto acquire = by_hand(Semaphore::acquire_many_owned(semaphore, 2));
  auto one = by_hand(Semaphore::acquire_owned(semaphore));
  OwnedSemaphorePermit two = *acquire.poll().value();
  CHECK(semaphore->available_permits() == 2);
  CHECK(one.poll().value()->count() == 1);
  CHECK(Semaphore::try_acquire_owned(semaphore, 3).error() == TryAcquireError::kNoPermits);
  OwnedSemaphorePermit rest = *Semaphore::try_acquire_owned(std::move(semaphore), 2);
  rest.merge(two.split(1));
  std::thread([held = std::move(rest)]() mutable { const auto gone = std::move(held); }).join();
  CHECK_FALSE(watch.expired());
  CHECK(watch.lock()->available_permits() == 3);
  two = two.split(1);
  one.cancel();
  CHECK_FALSE(watch.expired());
  {
    const auto gone = std::move(two);
  }
  acquire.cancel();
  CHECK(watch.expired());
}

TEST_CASE("a permit may be the last one that knows its semaphore") {
  OwnedSemaphorePermit permit = *Semaphore::try_acquire_owned(std::make_shared<Semaphore>(4), 3);
  const OwnedSemaphorePermit one = permit.split(1);
  permit.merge(permit.split(1));
  CHECK(permit.count() == 2);
}

TEST_CASE("more permits than can be counted are a misuse") {
  CHECK_THROWS_WITH_AS(Semaphore(Semaphore::kMaxPermits + 1), doctest::Contains("kMaxPermits"),
                       Misuse);
  Semaphore semaphore(Semaphore::kMaxPermits - 1);
  CHECK(semaphore.available_permits() == Semaphore::kMaxPermits - 1);
  CHECK_THROWS_WITH_AS(semaphore.add_permits(2), doctest::Contains("kMaxPermits"), Misuse);
  semaphore.add_permits(1);
  CHECK(semaphore.try_acquire(Semaphore::kMaxPermits).has_value());
}

TEST_CASE("to poll an acquire() again after it was ready is a misuse") {
  Semaphore semaphore(1);
  auto acquire = by_hand(semaphore.acquire());
  (void)acquire.poll();
  CHECK_THROWS_WITH_AS((void)acquire.poll(),
                       doctest::Contains("Semaphore::acquire() was polled again"), Misuse);
}
