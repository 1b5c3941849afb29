// Eight tasks lock a mutex again and again: one lets the quick ones in first, the other one does
// not.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <deque>
#include <mutex>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/join_set.hpp>
#include <nara/sync/mutex.hpp>
#include <nara/yield_now.hpp>
#include <utility>

using nara::Async;

namespace {

constexpr int kTasks = 8;
constexpr int kLocks = 100'000;  // Of each.

/// Who finds it free has it, whoever else is waiting.
class UnfairMutex {
 public:
  class Lock {
   public:
    using Output = void;

    explicit Lock(UnfairMutex& mutex) : mutex_(mutex) {}

    nara::Poll<void> poll(nara::Context& context) {
      const std::lock_guard guard(mutex_.mutex_);
      if (!std::exchange(mutex_.is_locked_, true)) return nara::kReady;
      mutex_.waiting_.push_back(context.waker().clone());
      return nara::kPending;
    }

   private:
    UnfairMutex& mutex_;
  };

  Lock lock() { return Lock(*this); }

  void unlock() {
    std::unique_lock guard(mutex_);
    is_locked_ = false;
    if (waiting_.empty()) return;
    nara::Waker first = std::move(waiting_.front());
    waiting_.pop_front();
    guard.unlock();
    std::move(first).wake();
  }

 private:
  std::mutex mutex_;
  bool is_locked_ = false;
  std::deque<nara::Waker> waiting_;
};

/// How long the one who waited for the longest has waited, counted in locks of the others.
struct Waits {
  int locks = 0;
  int longest = 0;

  void note(int& last) {
    longest = std::max(longest, locks - last);
    last = ++locks;
  }
};

// [work]
Async<> work(UnfairMutex& mutex, Waits& waits) {
  int last = 0;
  for (int i = 0; i < kLocks; ++i) {
    co_await mutex.lock();
    waits.note(last);
    if (i == 0) co_await nara::yield_now();  // So that all others have to wait.
    mutex.unlock();
  }
}

Async<> work_in_turn(nara::sync::Mutex<Waits>& mutex) {
  int last = 0;
  for (int i = 0; i < kLocks; ++i) {
    const nara::sync::MutexGuard<Waits> waits = co_await mutex.lock();
    waits->note(last);
    if (i == 0) co_await nara::yield_now();
  }
}
// [/work]

/// Spawns all tasks, and waits until they have ended.
template <class Spawn>
Async<> run_all(Spawn spawn) {
  nara::JoinSet<void> tasks;
  for (int i = 0; i < kTasks; ++i) spawn(tasks);
  while (!tasks.empty()) (void)co_await tasks.join_next();
}

/// Runs all tasks, and prints what it took.
template <class Spawn>
void measure(const char* name, const int& longest, Spawn spawn) {
  nara::CurrentThread executor;
  const std::clock_t start = std::clock();
  executor.block_on(run_all(spawn));
  const double ns = static_cast<double>(std::clock() - start) * 1e9 / CLOCKS_PER_SEC;
  std::printf("%-20s %5.0f ns a lock, %6.3f turns a lock, waited for %6d others\n", name,
              ns / (kTasks * kLocks),
              static_cast<double>(executor.counters().turns) / (kTasks * kLocks), longest);
}

}  // namespace

int main() {
  UnfairMutex unfair;
  Waits waits;
  measure("whoever is quick", waits.longest,
          [&](auto& tasks) { tasks.spawn(work(unfair, waits)); });
  nara::sync::Mutex<Waits> fair;
  measure("first come", fair.get().longest, [&](auto& tasks) { tasks.spawn(work_in_turn(fair)); });
}
