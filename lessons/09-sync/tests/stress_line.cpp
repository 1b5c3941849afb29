// The line of those who wait, on several threads: nobody overtakes, and no notification is lost,
// whoever goes away. Meant for ThreadSanitizer. NARA_STRESS_ROUNDS=100000 lets it run for long;
// NARA_STRESS_SEED=7 repeats a run.
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <nara/async.hpp>
#include <nara/context.hpp>
#include <nara/detail/permits.hpp>
#include <nara/future.hpp>
#include <nara/poll.hpp>
#include <nara/select.hpp>
#include <nara/sync/mutex.hpp>
#include <nara/sync/notify.hpp>
#include <nara/sync/semaphore.hpp>
#include <nara/waker.hpp>
#include <testkit/random.hpp>
#include <testkit/runtime.hpp>
#include <thread>

#include "crowd.hpp"

using nara::Async;
using nara::detail::Permits;
using nara::detail::PermitWaiter;
using nara::sync::Mutex;
using nara::sync::Notify;
using nara::sync::Semaphore;
using nara::test::below;
using nara::test::let_run;
using nara::test::Random;

namespace {

constexpr int kRounds = 100;
constexpr int kTasks = 9;

/// Locks, and counts how many others have had their turn since it stands in the line.
class CountingLock {
 public:
  using Output = int;

  CountingLock(Mutex<int>& turns, std::atomic<int>& all) : lock_(turns.lock()), all_(&all) {}

  nara::Poll<int> poll(nara::Context& context) {
    auto answer = lock_.poll(context);
    if (answer.is_pending()) {
      if (before_ < 0) before_ = all_->load();
      return nara::kPending;
    }
    auto turns = std::move(answer).value();
    ++*turns;
    const int before = all_->fetch_add(1);
    return before_ < 0 ? 0 : before - before_;
  }

 private:
  decltype(std::declval<Mutex<int>&>().lock()) lock_;
  std::atomic<int>* all_;
  int before_ = -1;
};

void stress_order(Crowd& crowd, unsigned seed) {
  constexpr int kTurns = 30;
  Mutex<int> turns;
  std::atomic<int> all = 0;
  const auto body = [&](Random random, int) -> Async<> {
    for (int turn = 0; turn < kTurns; ++turn) {
      const int overtakers = co_await CountingLock(turns, all);
      // One turn of each of the others, who were there before.
      CHECK(overtakers < kTasks);
      if (below(random, 4) == 0) co_await let_run();
    }
  };
  crowd.run(seed, kTasks, Crowd::Ends::kAll, body);
  CHECK(turns.get() == kTasks * kTurns);
}

/// Some want all permits, most want one, and many go away.
void stress_permits(Crowd& crowd, unsigned seed) {
  constexpr int kPermits = 2;
  Semaphore semaphore(kPermits);
  std::atomic<int> inside = 0;
  const auto body = [&](Random random, int) -> Async<> {
    for (int act = 0; act < 20; ++act) {
      const int count = 1 + below(random, kPermits);
      auto acquire = semaphore.acquire_many(static_cast<std::size_t>(count));
      const auto first = co_await nara::select_biased(acquire, let_run(below(random, 6)));
      if (first.index() == 1) continue;
      CHECK((inside += count) <= kPermits);
      inside -= count;
    }
  };
  crowd.run(seed, kTasks, Crowd::Ends::kSomeAreAborted, body);
  CHECK(inside == 0);
  CHECK(semaphore.available_permits() == kPermits);
}

/// One in three puts items into a box, and says so, one at a time. The others take them.
void stress_notify_one(Crowd& crowd, unsigned seed) {
  constexpr int kItems = 30;
  Notify come;
  std::atomic<int> items = 0;
  std::atomic<int> left = kTasks / 3 * kItems;
  const auto body = [&](Random random, int number) -> Async<> {
    for (int item = 0; number % 3 == 0 && item < kItems; ++item) {
      ++items;
      come.notify_one();
      if (below(random, 3) == 0) co_await let_run();
    }
    while (number % 3 != 0 && left > 0) {
      auto notified = come.notified();
      (void)notified.enable();  // Before the look: from now on it has its place in the line.
      int there = items;
      while (there > 0 && !items.compare_exchange_weak(there, there - 1)) {
      }
      if (there > 0) {
        if (--left == 0) come.notify_waiters();
      } else if (below(random, 2) == 0) {
        (void)co_await nara::select(notified, let_run(below(random, 4)));
      } else {
        co_await notified;
      }
    }
    come.notify_one();  // To whoever was late for that.
  };
  crowd.run(seed, kTasks, Crowd::Ends::kAll, body);
  CHECK(items == 0);
}

/// Somebody on another thread does not wait to be woken, but asks again and again, and goes away as
/// soon as it has its turn: who hands over must not touch it after that.
void stress_last_touch(unsigned) {
  Permits permits(0);
  std::atomic<bool> stands_in_line = false;
  std::thread impatient([&] {
    const nara::Waker nobody = nara::Waker::noop();
    const auto waiter = std::make_unique<PermitWaiter>(permits, 1);
    while (waiter->ask(nobody) == PermitWaiter::Answer::kWait) stands_in_line = true;
  });
  while (!stands_in_line) std::this_thread::yield();
  permits.release(1);
  impatient.join();
  CHECK(permits.available() == 1);
}

}  // namespace

TEST_CASE("nobody overtakes on several threads" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  Crowd crowd;
  nara::test::for_each_seed(kRounds, [&](unsigned seed) { stress_order(crowd, seed); });
}

TEST_CASE("two permits on several threads are never three, and come back from all who go away" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  Crowd crowd;
  nara::test::for_each_seed(kRounds, [&](unsigned seed) { stress_permits(crowd, seed); });
}

TEST_CASE("a notification for one goes to the next when that one goes away, on several threads" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  Crowd crowd;
  nara::test::for_each_seed(kRounds, [&](unsigned seed) { stress_notify_one(crowd, seed); });
}

TEST_CASE("who is handed a permit may be gone at once, on several threads" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  nara::test::for_each_seed(kRounds, stress_last_touch);
}
