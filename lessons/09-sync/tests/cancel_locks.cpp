// Coroutines that wait for a lock can be destroyed wherever they do, and the lock is free again.
#include <doctest/doctest.h>

#include <memory>
#include <nara/async.hpp>
#include <nara/sync/barrier.hpp>
#include <nara/sync/mutex.hpp>
#include <nara/sync/notify.hpp>
#include <nara/sync/once_cell.hpp>
#include <nara/sync/rw_lock.hpp>
#include <nara/sync/semaphore.hpp>
#include <optional>
#include <testkit/by_hand.hpp>
#include <testkit/gate.hpp>
#include <testkit/tracked.hpp>
#include <utility>

#include "turns.hpp"

using nara::Async;
using nara::test::by_hand;
using nara::test::destroy_at_every_suspension;
using nara::test::Tracked;

TEST_CASE("a coroutine with a mutex can be destroyed anywhere, and unlocks it") {
  auto mutex = std::make_shared<nara::sync::Mutex<int>>(0);
  std::optional<nara::sync::MutexGuard<int>> held;
  const auto body = [](auto shared, Tracked kept) -> Async<> {
    {
      const auto guard = co_await shared->lock();
      co_await let_run();
    }
    const auto guard = co_await nara::sync::Mutex<int>::lock_owned(shared);
    co_await let_run();
    (void)kept;
  };
  const int suspensions = destroy_at_every_suspension(
      [&] {
        held.reset();
        held = mutex->try_lock();
        REQUIRE(held.has_value());
        return body(mutex, Tracked());
      },
      [&](int) { held.reset(); });
  CHECK(suspensions == 3);
  held.reset();
  CHECK(mutex->try_lock().has_value());
  CHECK(mutex.use_count() == 1);
}

TEST_CASE("a coroutine with an RwLock can be destroyed anywhere, and unlocks it") {
  nara::sync::RwLock<int> lock(0);
  std::optional<nara::sync::RwLockWriteGuard<int>> writer;
  std::optional<nara::sync::RwLockReadGuard<int>> reader;
  const auto body = [&](Tracked kept) -> Async<> {
    {
      const auto guard = co_await lock.read();
      co_await let_run();
    }
    auto guard = co_await lock.write();
    co_await let_run();
    const auto mine = std::move(guard).downgrade();
    co_await let_run();
    (void)kept;
  };
  const int suspensions = destroy_at_every_suspension(
      [&] {
        writer.reset();
        reader.reset();
        writer = lock.try_write();
        REQUIRE(writer.has_value());
        return body(Tracked());
      },
      [&](int poll) {
        // First one writes, then one reads, and then nobody has it.
        if (poll == 1) reader = std::move(*std::exchange(writer, std::nullopt)).downgrade();
        if (poll == 3) reader.reset();
      });
  CHECK(suspensions == 5);
  reader.reset();
  CHECK(lock.try_write().has_value());
}

TEST_CASE("a coroutine with a semaphore can be destroyed anywhere, and no permit is lost") {
  nara::sync::Semaphore semaphore(0);
  const auto body = [&](Tracked kept) -> Async<> {
    const auto two = co_await semaphore.acquire_many(2);
    const auto one = co_await semaphore.acquire();
    CHECK(two->count() + one->count() == 3);
    (void)kept;
  };
  const int suspensions = destroy_at_every_suspension(
      [&] {
        semaphore.forget_permits(semaphore.available_permits());
        return body(Tracked());
      },
      [&](int poll) {
        REQUIRE(poll <= 3);
        semaphore.add_permits(1);
      });
  CHECK(suspensions == 3);
  CHECK(semaphore.available_permits() == 3);
}

TEST_CASE("a coroutine that waits for notifications can be destroyed anywhere") {
  nara::sync::Notify notify;
  const auto body = [&](Tracked kept) -> Async<> {
    co_await notify.notified();
    co_await notify.notified();
    (void)kept;
  };
  const int suspensions = destroy_at_every_suspension(
      [&] { return body(Tracked()); },
      [&](int poll) { poll == 1 ? notify.notify_one() : notify.notify_waiters(); });
  CHECK(suspensions == 2);
  CHECK(by_hand(notify.notified()).poll().is_pending());
}

TEST_CASE(
    "a coroutine that makes the value of a cell can be destroyed anywhere: the cell is empty") {
  std::optional<nara::sync::OnceCell<Tracked>> cell;
  const auto make = []() -> Async<Tracked> {
    Tracked made;
    co_await let_run(2);
    co_return made;
  };
  const auto body = [&]() -> Async<> {
    const Tracked* const value = co_await cell->get_or_init(make);
    CHECK(value == cell->get());
    cell.reset();
  };
  const int suspensions = destroy_at_every_suspension(
      [&] {
        cell.emplace();
        return body();
      },
      [&](int) {});
  CHECK(suspensions == 2);
}

TEST_CASE("a coroutine that waits for the value of a cell can be destroyed anywhere") {
  nara::test::Gate gate;
  std::optional<nara::sync::OnceCell<int>> cell;
  std::optional<nara::test::ByHand<Async<int*>>> maker;
  const auto make = [&]() -> Async<int> {
    co_await gate.wait();
    co_return 7;
  };
  const auto body = [&](Tracked kept) -> Async<> {
    const int* const value = co_await cell->get_or_init(make);
    CHECK(*value == 7);
    co_await let_run();
    (void)kept;
  };
  const int suspensions = destroy_at_every_suspension(
      [&] {
        gate.close();
        maker.reset();
        cell.emplace();
        CHECK(maker.emplace(cell->get_or_init(make)).poll().is_pending());
        return body(Tracked());
      },
      [&](int poll) {
        gate.open();
        if (poll == 1) CHECK(maker->poll().is_ready());
      });
  CHECK(suspensions == 2);
}

TEST_CASE("a coroutine at a barrier can be destroyed anywhere, and has not come then") {
  nara::sync::Barrier barrier(2);
  const auto body = [&](Tracked kept) -> Async<> {
    const auto first = co_await barrier.wait();
    const auto second = co_await barrier.wait();
    CHECK_FALSE(first.is_leader());
    CHECK_FALSE(second.is_leader());
    (void)kept;
  };
  const int suspensions = destroy_at_every_suspension(
      [&] { return body(Tracked()); },
      [&](int) { CHECK(by_hand(barrier.wait()).poll().value().is_leader()); });
  CHECK(suspensions == 2);
  CHECK(by_hand(barrier.wait()).poll().is_pending());
}
