// Locks whose owners come, wait, go away and pass on, on several threads at once. Meant for
// ThreadSanitizer. NARA_STRESS_ROUNDS=100000 lets it run for long; NARA_STRESS_SEED=7 repeats a
// run.
#include <doctest/doctest.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <nara/current_thread.hpp>
#include <nara/join_handle.hpp>
#include <nara/select.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/barrier.hpp>
#include <nara/sync/mutex.hpp>
#include <nara/sync/notify.hpp>
#include <nara/sync/once_cell.hpp>
#include <nara/sync/rw_lock.hpp>
#include <nara/sync/semaphore.hpp>
#include <testkit/random.hpp>
#include <thread>
#include <vector>

#include "turns.hpp"

using nara::Async;
using nara::sync::Barrier;
using nara::sync::Mutex;
using nara::sync::Notified;
using nara::sync::Notify;
using nara::sync::OnceCell;
using nara::sync::RwLock;
using nara::sync::Semaphore;
using nara::test::below;
using nara::test::Random;

namespace {

constexpr int kThreads = 3;
constexpr int kRounds = 100;

/// Runs `body(number)` on so many threads at once, each in an executor of its own, as a task of it.
template <class Body>
void on_threads(const Body& body) {
  std::vector<std::thread> threads;
  for (int number = 0; number < kThreads; ++number) {
    threads.emplace_back([&body, number] { nara::block_on(body(number)); });
  }
  for (std::thread& thread : threads) thread.join();
}

/// Runs `body()` so many times beside each other in this runtime, and aborts some.
template <class Body>
Async<> many(const Body& body, Random& random) {
  std::vector<nara::JoinHandle<void>> tasks;
  for (int i = 0; i < 8; ++i) {
    tasks.push_back(nara::spawn(body()));
    if (below(random, 3) == 0) co_await let_run(below(random, 3));
    if (below(random, 4) == 0) tasks.at(static_cast<std::size_t>(below(random, i + 1))).abort();
  }
  for (nara::JoinHandle<void>& task : tasks) (void)co_await task;
}

void stress_semaphore(unsigned seed) {
  constexpr int kPermits = 5;
  Semaphore semaphore(kPermits);
  std::atomic<int> inside = 0;
  on_threads([&](int number) -> Async<> {
    Random random(seed * kThreads + static_cast<unsigned>(number));
    const auto body = [&]() -> Async<> {
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
    };
    co_await many(body, random);
  });
  CHECK(inside == 0);
  CHECK(semaphore.available_permits() == kPermits);
}

void stress_mutex(unsigned seed) {
  const auto mutex = std::make_shared<Mutex<int>>(0);
  std::atomic<int> additions = 0;
  on_threads([&](int number) -> Async<> {
    Random random(seed * kThreads + static_cast<unsigned>(number));
    const auto body = [&]() -> Async<> {
      (void)co_await nara::select(mutex->lock(), let_run(below(random, 4)));
      auto guard = co_await Mutex<int>::lock_owned(mutex);
      const int before = *guard;
      co_await let_run(below(random, 3));
      *guard = before + 1;
      ++additions;
    };
    co_await many(body, random);
  });
  CHECK(mutex->get() == additions);
}

void stress_rw_lock(unsigned seed) {
  RwLock<int> lock(0, 1 + seed % 4);
  std::atomic<int> additions = 0;
  on_threads([&](int number) -> Async<> {
    Random random(seed * kThreads + static_cast<unsigned>(number));
    const auto body = [&]() -> Async<> {
      if (below(random, 2) == 0) {
        const auto guard = co_await lock.read();
        const int before = *guard;
        co_await let_run(below(random, 3));
        CHECK(*guard == before);
      } else {
        auto guard = co_await lock.write();
        ++*guard;
        ++additions;
        const auto mine = std::move(guard).downgrade();
        co_await let_run(below(random, 3));
      }
    };
    co_await many(body, random);
  });
  CHECK(lock.get() == additions);
}

/// Each puts in one item at a time, and waits until it has taken one. Besides, notifications for
/// one at a time are waited for, and given up.
void stress_notify(unsigned seed) {
  Notify changed;
  Notify one;
  std::atomic<int> items = 0;
  on_threads([&](int number) -> Async<> {
    Random random(seed * kThreads + static_cast<unsigned>(number));
    for (int i = 0; i < 20; ++i) {
      ++items;
      changed.notify_waiters();
      one.notify_one();
      co_await let_run(below(random, 2));
      for (;;) {
        Notified notified = changed.notified();
        int there = items.load();
        while (there > 0 && !items.compare_exchange_weak(there, there - 1)) {
        }
        if (there > 0) break;
        co_await notified;
      }
      (void)co_await nara::select(one.notified(), let_run(below(random, 3)));
    }
  });
  CHECK(items == 0);
}

void stress_once_cell(unsigned seed) {
  OnceCell<int> cell;
  std::atomic<int> made = 0;
  on_threads([&](int number) -> Async<> {
    Random random(seed * kThreads + static_cast<unsigned>(number));
    const auto body = [&]() -> Async<> {
      const auto make = [&]() -> Async<int> {
        co_await let_run(below(random, 3));
        co_return ++made;
      };
      const int* const value = co_await cell.get_or_init(make);
      CHECK(*value == 1);
    };
    co_await many(body, random);
    co_await body();
  });
  CHECK(made == 1);
}

void stress_barrier(unsigned seed) {
  constexpr int kPasses = 10;
  Barrier barrier(kThreads);
  std::atomic<int> leaders = 0;
  std::atomic<int> come = 0;
  on_threads([&](int number) -> Async<> {
    Random random(seed * kThreads + static_cast<unsigned>(number));
    for (int pass = 0; pass < kPasses; ++pass) {
      ++come;
      const auto result = co_await barrier.wait();
      CHECK(come >= kThreads * (pass + 1));
      if (result.is_leader()) ++leaders;
      co_await let_run(below(random, 3));
    }
  });
  CHECK(leaders == kPasses);
}

}  // namespace

TEST_CASE("a semaphore on several threads: no more inside than there may be, and none is lost" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  nara::test::for_each_seed(kRounds, stress_semaphore);
}

TEST_CASE("a mutex on several threads: the sum is exact, whoever is aborted" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  nara::test::for_each_seed(kRounds, stress_mutex);
}

TEST_CASE("an RwLock on several threads: nobody writes while somebody reads" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  nara::test::for_each_seed(kRounds, stress_rw_lock);
}

TEST_CASE("four tasks on several threads add a thousand times each under the write lock") {
  RwLock<int> lock(0);
  const auto add = [&](int) -> Async<> {
    for (int i = 0; i < 1000; ++i) {
      auto guard = co_await lock.write();
      ++*guard;
    }
  };
  on_threads(add);
  nara::block_on(add(0));
  CHECK(lock.get() == 1000 * (kThreads + 1));
}

TEST_CASE("notifications between threads: nobody misses a change that it waits for" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  nara::test::for_each_seed(kRounds, stress_notify);
}

TEST_CASE("a cell on several threads: one value, made once" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  nara::test::for_each_seed(kRounds, stress_once_cell);
}

TEST_CASE("a barrier on several threads: nobody passes before all have come" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  nara::test::for_each_seed(kRounds, stress_barrier);
}
