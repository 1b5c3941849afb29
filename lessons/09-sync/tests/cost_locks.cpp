// What waiting for each other costs, counted: the second medal of the layer exercise.
#include <doctest/doctest.h>

#include <cstddef>
#include <deque>
#include <nara/current_thread.hpp>
#include <nara/detail/permits.hpp>
#include <nara/join_handle.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/barrier.hpp>
#include <nara/sync/mutex.hpp>
#include <nara/sync/notify.hpp>
#include <nara/sync/once_cell.hpp>
#include <nara/sync/rw_lock.hpp>
#include <nara/sync/semaphore.hpp>
#include <optional>
#include <testkit/by_hand.hpp>
#include <testkit/cost.hpp>
#include <utility>
#include <vector>

#include "turns.hpp"
#include "wants.hpp"

using nara::Async;
using nara::CurrentThread;
using nara::JoinHandle;
using nara::detail::Permits;
using nara::detail::PermitWaiter;
using nara::sync::Mutex;
using nara::test::by_hand;
using nara::test::Cost;

namespace {

/// The least waker that there is, which counts how often it is cloned.
class Cloned {
 public:
  int clones = 0;

  nara::Waker waker() noexcept {
    static constexpr nara::WakerVTable kCounts{
        .clone = [](void* data) noexcept { ++static_cast<Cloned*>(data)->clones; },
        .wake = [](void*) noexcept {},
        .wake_by_ref = [](void*) noexcept {},
        .drop = [](void*) noexcept {}};
    return nara::Waker(this, kCounts);
  }
};

}  // namespace

TEST_SUITE("cost") {
  TEST_CASE(
      "cost: to wait for permits allocates nothing: not to wait, to be chosen, or to go away") {
    if (!nara::test::kSeesAllocations) return;
    const Cost cost;
    Permits permits(1);
    auto first = by_hand(Want(permits));
    auto second = by_hand(Want(permits, 2));
    auto third = by_hand(Want(permits));
    auto held = first.poll().value();
    const bool are_pending = second.poll().is_pending() && third.poll().is_pending();
    permits.release(1);
    second.cancel();
    permits.dismiss_all();
    permits.close();
    CHECK(cost.allocations() == 0);
    CHECK(are_pending);
    CHECK(third.is_woken());
    held.forget();
  }

  TEST_CASE("cost: nothing in this lesson allocates to wait") {
    if (!nara::test::kSeesAllocations) return;
    const Cost cost;
    Mutex<int> mutex(7);
    nara::sync::RwLock<int> lock(7);
    nara::sync::Semaphore semaphore(1);
    nara::sync::Notify notify;
    nara::sync::Barrier barrier(2);
    {
      const std::optional guard = mutex.try_lock();
      const std::optional writer = lock.try_write();
      auto second = by_hand(mutex.lock());
      auto reader = by_hand(lock.read());
      auto many = by_hand(semaphore.acquire_many(2));
      auto notified = by_hand(notify.notified());
      auto wait = by_hand(barrier.wait());
      CHECK(second.poll().is_pending());
      CHECK(reader.poll().is_pending());
      CHECK(many.poll().is_pending());
      CHECK(notified.poll().is_pending());
      CHECK(wait.poll().is_pending());
      notify.notify_waiters();
      CHECK(by_hand(barrier.wait()).poll().is_ready());
    }
    CHECK(cost.allocations() == 0);
  }

  TEST_CASE("cost: who waits for permits takes 64 bytes in its future, and permits take 80") {
    CHECK(sizeof(PermitWaiter) == 64);
    CHECK(sizeof(Permits) == 80);
    CHECK(sizeof(Mutex<int>::Lock) == sizeof(PermitWaiter) + sizeof(void*));
  }

  TEST_CASE("cost: who waits clones its waker once, however often it is polled") {
    Permits permits(0);
    Cloned cloned;
    Want want(permits);
    const nara::Waker waker = cloned.waker();
    for (int poll = 0; poll < 10; ++poll) {
      nara::Context context(waker);
      CHECK(want.poll(context).is_pending());
    }
    CHECK(cloned.clones == 1);
  }

  TEST_CASE("cost: who finds a lock free clones no waker") {
    Permits permits(1);
    Cloned cloned;
    Want want(permits);
    const nara::Waker waker = cloned.waker();
    nara::Context context(waker);
    CHECK(want.poll(context).is_ready());
    CHECK(cloned.clones == 0);
  }

  TEST_CASE("cost: a free lock wakes nobody and takes no turn") {
    CurrentThread executor;
    Mutex<int> mutex(0);
    executor.block_on([&]() -> Async<> {
      for (int i = 0; i < 100; ++i) {
        auto guard = co_await mutex.lock();
        ++*guard;
      }
    });
    CHECK(mutex.get() == 100);
    CHECK(executor.counters().turns == 1);
    CHECK(executor.counters().local_wakes == 0);
  }

  TEST_CASE("cost: a lock that is handed over is one wake and one turn, for each of a hundred") {
    CurrentThread executor;
    Mutex<int> mutex(0);
    executor.block_on([&]() -> Async<> {
      std::optional guard = mutex.try_lock();
      std::vector<JoinHandle<void>> tasks;
      for (int number = 0; number < 100; ++number) {
        tasks.push_back(nara::spawn([&]() -> Async<> {
          auto mine = co_await mutex.lock();
          ++*mine;
        }));
      }
      co_await let_run();
      const auto before = executor.counters();
      guard.reset();
      co_await let_run(100);
      CHECK(mutex.get() == 100);
      // Nobody was woken in vain: each turn but those of this task has done its work.
      CHECK(executor.counters().local_wakes - before.local_wakes == 100);
      CHECK(executor.counters().turns - before.turns == 200);
    });
  }

  TEST_CASE("cost: of a hundred who wait, a notification wakes one") {
    nara::sync::Notify notify;
    std::deque<nara::test::ByHand<nara::sync::Notified>> waits;
    for (int i = 0; i < 100; ++i) {
      CHECK(waits.emplace_back(notify.notified()).poll().is_pending());
    }
    notify.notify_one();
    int wakes = 0;
    for (const auto& wait : waits) wakes += wait.wakes();
    CHECK(wakes == 1);
    CHECK(waits.front().is_woken());
  }

  TEST_CASE("cost: a writer is woken once, when the last reader has gone, and not by each") {
    nara::sync::RwLock<int> lock(7);
    std::vector<nara::sync::RwLockReadGuard<int>> readers;
    for (int i = 0; i < 100; ++i) readers.push_back(lock.try_read().value());
    auto write = by_hand(lock.write());
    CHECK(write.poll().is_pending());
    readers.clear();
    CHECK(write.wakes() == 1);
    CHECK(write.poll().is_ready());
    CHECK(write.polls() == 2);
  }
}
