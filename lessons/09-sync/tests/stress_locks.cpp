// Locks whose owners come, wait, go away and pass on, on several threads at once. Meant for
// ThreadSanitizer. NARA_STRESS_ROUNDS=100000 lets it run for long; NARA_STRESS_SEED=7 repeats a
// run.
#include <doctest/doctest.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <nara/async.hpp>
#include <nara/select.hpp>
#include <nara/sync/barrier.hpp>
#include <nara/sync/mutex.hpp>
#include <nara/sync/notify.hpp>
#include <nara/sync/once_cell.hpp>
#include <nara/sync/rw_lock.hpp>
#include <nara/sync/semaphore.hpp>
#include <testkit/random.hpp>
#include <testkit/runtime.hpp>
#include <utility>

#include "crowd.hpp"

using nara::Async;
using nara::sync::Barrier;
using nara::sync::Mutex;
using nara::sync::Notified;
using nara::sync::Notify;
using nara::sync::OnceCell;
using nara::sync::RwLock;
using nara::sync::Semaphore;
using nara::test::below;
using nara::test::let_run;
using nara::test::Random;

namespace {

constexpr int kTasks = 12;
constexpr int kRounds = 100;

void stress_semaphore(Crowd& crowd, unsigned seed) {
  constexpr int kPermits = 5;
  Semaphore semaphore(kPermits);
  std::atomic<int> inside = 0;
  const auto body = [&](Random random, int) -> Async<> {
    for (int act = 0; act < 4; ++act) {
      const int count = 1 + below(random, kPermits);
      auto permits = co_await semaphore.acquire_many(static_cast<std::size_t>(count));
      CHECK((inside += count) <= kPermits);
      // What is aborted here says that it has left, too.
      struct Leave {
        std::atomic<int>& inside;
        int count;
        ~Leave() { inside -= count; }
      } const leave{inside, count};
      co_await let_run(below(random, 3));
    }
  };
  crowd.run(seed, kTasks, Crowd::Ends::kSomeAreAborted, body);
  CHECK(inside == 0);
  CHECK(semaphore.available_permits() == kPermits);
}

void stress_mutex(Crowd& crowd, unsigned seed) {
  const auto mutex = std::make_shared<Mutex<int>>(0);
  std::atomic<int> additions = 0;
  const auto body = [&](Random random, int) -> Async<> {
    for (int act = 0; act < 4; ++act) {
      (void)co_await nara::select(mutex->lock(), let_run(below(random, 4)));
      auto guard = co_await Mutex<int>::lock_owned(mutex);
      const int before = *guard;
      co_await let_run(below(random, 3));
      *guard = before + 1;
      ++additions;
    }
  };
  crowd.run(seed, kTasks, Crowd::Ends::kSomeAreAborted, body);
  CHECK(mutex->get() == additions);
}

void stress_rw_lock(Crowd& crowd, unsigned seed) {
  RwLock<int> lock(0, 1 + seed % 4);
  std::atomic<int> additions = 0;
  const auto body = [&](Random random, int) -> Async<> {
    for (int act = 0; act < 4; ++act) {
      if (below(random, 2) == 0) {
        const auto guard = co_await lock.read();
        const int before = *guard;
        co_await let_run(below(random, 3));
        CHECK(*guard == before);
      } else {
        auto guard = co_await lock.write();
        const int after = ++*guard;
        ++additions;
        const auto mine = std::move(guard).downgrade();
        co_await let_run(below(random, 3));
        CHECK(*mine == after);
      }
    }
  };
  crowd.run(seed, kTasks, Crowd::Ends::kSomeAreAborted, body);
  CHECK(lock.get() == additions);
}

/// Each puts in one item at a time, and waits until it has taken one.
void stress_notify(Crowd& crowd, unsigned seed) {
  Notify changed;
  std::atomic<int> items = 0;
  const auto body = [&](Random random, int) -> Async<> {
    for (int i = 0; i < 20; ++i) {
      ++items;
      changed.notify_waiters();
      co_await let_run(below(random, 2));
      for (;;) {
        Notified notified = changed.notified();
        int there = items.load();
        while (there > 0 && !items.compare_exchange_weak(there, there - 1)) {
        }
        if (there > 0) break;
        co_await notified;
      }
    }
  };
  crowd.run(seed, kTasks, Crowd::Ends::kAll, body);
  CHECK(items == 0);
}

void stress_once_cell(Crowd& crowd, unsigned seed) {
  OnceCell<int> cell;
  std::atomic<int> made = 0;
  const auto body = [&](Random random, int) -> Async<> {
    const auto make = [&]() -> Async<int> {
      co_await let_run(below(random, 3));
      co_return ++made;
    };
    co_await let_run(below(random, 3));
    const int* const value = co_await cell.get_or_init(make);
    CHECK(*value == 1);
  };
  crowd.run(seed, kTasks, Crowd::Ends::kSomeAreAborted, body);
  crowd.run(seed, 1, Crowd::Ends::kAll, body);
  CHECK(made == 1);
}

void stress_barrier(Crowd& crowd, unsigned seed) {
  constexpr int kPasses = 10;
  Barrier barrier(kTasks);
  std::atomic<int> leaders = 0;
  std::atomic<int> come = 0;
  const auto body = [&](Random random, int) -> Async<> {
    for (int pass = 0; pass < kPasses; ++pass) {
      ++come;
      const auto result = co_await barrier.wait();
      CHECK(come >= kTasks * (pass + 1));
      if (result.is_leader()) ++leaders;
      co_await let_run(below(random, 3));
    }
  };
  crowd.run(seed, kTasks, Crowd::Ends::kAll, body);
  CHECK(leaders == kPasses);
}

}  // namespace

TEST_CASE("a semaphore on several threads: no more inside than there may be, and none is lost" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  Crowd crowd;
  nara::test::for_each_seed(kRounds, [&](unsigned seed) { stress_semaphore(crowd, seed); });
}

TEST_CASE("a mutex on several threads: the sum is exact, whoever is aborted" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  Crowd crowd;
  nara::test::for_each_seed(kRounds, [&](unsigned seed) { stress_mutex(crowd, seed); });
}

TEST_CASE("an RwLock on several threads: nobody writes while somebody reads" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  Crowd crowd;
  nara::test::for_each_seed(kRounds, [&](unsigned seed) { stress_rw_lock(crowd, seed); });
}

TEST_CASE("four tasks on several threads add a thousand times each under the write lock") {
  RwLock<int> lock(0);
  Crowd crowd;
  const auto add = [&](Random, int) -> Async<> {
    for (int i = 0; i < 1000; ++i) {
      auto guard = co_await lock.write();
      ++*guard;
    }
  };
  crowd.run(1, 4, Crowd::Ends::kAll, add);
  CHECK(lock.get() == 4000);
}

TEST_CASE("notifications between threads: nobody misses a change that it waits for" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  Crowd crowd;
  nara::test::for_each_seed(kRounds, [&](unsigned seed) { stress_notify(crowd, seed); });
}

TEST_CASE("a cell on several threads: one value, made once" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  Crowd crowd;
  nara::test::for_each_seed(kRounds, [&](unsigned seed) { stress_once_cell(crowd, seed); });
}

TEST_CASE("a barrier on several threads: nobody passes before all have come" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  Crowd crowd;
  nara::test::for_each_seed(kRounds, [&](unsigned seed) { stress_barrier(crowd, seed); });
}
