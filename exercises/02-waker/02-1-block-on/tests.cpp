// The tests of 02-1. Wakes come from inside a poll, from other threads, and too late.
#include <doctest/doctest.h>

#include <atomic>
#include <block_on.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <nara/async.hpp>
#include <stdexcept>
#include <testkit/steps.hpp>
#include <thread>
#include <utility>

using nara::Async;
using nara::Context;
using nara::kPending;
using nara::kReady;
using nara::Poll;
using nara::poll_fn;
using nara::Waker;
using nara::test::step;

namespace {

/// Is woken by another thread, `wakes` times, and then ready. Gives how often it was polled.
class Woken {
 public:
  using Output = int;

  explicit Woken(int wakes) : wakes_left_(wakes) {}

  Poll<int> poll(Context& context) {
    ++polls_;
    if (polls_ > 1 && !*has_woken_) return kPending;  // A poll that nobody has asked for.
    if (wakes_left_ == 0) return polls_;
    --wakes_left_;
    *has_woken_ = false;
    thread_ =
        std::jthread([this_wake = has_woken_.get(), waker = context.waker().clone()]() mutable {
          *this_wake = true;
          std::move(waker).wake();
        });
    return kPending;
  }

 private:
  int wakes_left_;
  int polls_ = 0;
  std::unique_ptr<std::atomic<bool>> has_woken_ = std::make_unique<std::atomic<bool>>(false);
  std::jthread thread_;
};

/// Stands in for a mutex. Knows whether somebody has locked it, and lets another thread act, as it
/// were, the next time that it is unlocked.
struct SeenMutex {
  void lock() { was_locked = true; }
  void unlock() {
    const auto act = std::exchange(when_unlocked, nullptr);
    if (act) act();
  }

  static inline bool was_locked = false;
  static inline std::function<void()> when_unlocked;
};

/// Stands in for a condition variable: lets another thread act while this one would sleep. Who
/// notifies without having locked the mutex may be too early, and does not count.
struct SeenCondition {
  void wait(std::unique_lock<SeenMutex>& lock) {
    lock.unlock();
    when_asleep();
    lock.lock();
  }
  void wait(std::unique_lock<SeenMutex>& lock, auto is_over) {
    while (!is_over()) wait(lock);
  }
  void notify_one() { was_notified = SeenMutex::was_locked; }
  void notify_all() { notify_one(); }

  static inline bool was_notified = false;
  static inline std::function<void()> when_asleep;
};

}  // namespace

// What sleeps for ever is ended sooner than other tests.
TEST_SUITE_BEGIN("02-1" * doctest::timeout(2));

TEST_CASE("02-1 block_on: a future that is ready at once gives its value") {
  step("block_on(ready(7))");
  CHECK(::block_on(nara::ready(7)) == 7);
  step("the same with a value that can only be moved");
  CHECK(*::block_on(nara::ready(std::make_unique<int>(7))) == 7);
  step("the same without any value");
  ::block_on(nara::lazy([] {}));
}

TEST_CASE("02-1 block_on: a wake during the poll is not lost") {
  step("block_on a future that is pending, and wakes itself before it says so");
  const int polls = ::block_on(poll_fn([polls = 0](Context& context) mutable -> Poll<int> {
    if (++polls == 2) return polls;
    context.waker().wake_by_ref();
    return kPending;
  }));
  step("it was polled twice");
  CHECK(polls == 2);
}

TEST_CASE("02-1 block_on: another thread's wake before the park is not lost") {
  step("block_on a future that is pending, and is woken by a thread that ends before it says so");
  const int polls = ::block_on(poll_fn([polls = 0](Context& context) mutable -> Poll<int> {
    if (++polls == 2) return polls;
    std::thread([waker = context.waker().clone()] { waker.wake_by_ref(); }).join();
    return kPending;
  }));
  step("it was polled twice");
  CHECK(polls == 2);
}

TEST_CASE("02-1 block_on: several wakes before the park are as good as one") {
  step("block_on a future that wakes itself three times, and then waits for another thread");
  auto future = poll_fn([polls = 0, woken = Woken(1)](Context& context) mutable -> Poll<int> {
    if (++polls > 1) {
      if (woken.poll(context).is_pending()) return kPending;
      return polls;
    }
    for (int wakes = 0; wakes < 3; ++wakes) context.waker().wake_by_ref();
    return kPending;
  });
  const int polls = ::block_on(std::move(future));
  step("it was polled once for the three wakes, and once for the fourth");
  CHECK(polls == 3);
}

TEST_CASE("02-1 block_on: an unpark between the look and the sleep is not lost") {
  // The mutex keeps it out of that gap: who has locked it finds a thread that sleeps, or one that
  // has not looked yet.
  BasicParker<SeenMutex, SeenCondition> parker;
  step("park; while the thread sleeps, another one unparks it");
  SeenCondition::when_asleep = [&parker] {
    SeenMutex::was_locked = SeenCondition::was_notified = false;
    parker.unpark();
    step("unpark has locked the mutex");
    REQUIRE(SeenMutex::was_locked);
    step("it has notified, and not before");
    REQUIRE(SeenCondition::was_notified);
  };
  parker.park();
  step("unpark; as soon as that unlocks the mutex, the thread parks, and does not sleep");
  bool has_slept = false;
  SeenCondition::when_asleep = [&] {
    has_slept = true;
    parker.unpark();
  };
  SeenMutex::when_unlocked = [&parker] { parker.park(); };
  parker.unpark();
  CHECK_FALSE(has_slept);
}

TEST_CASE("02-1 block_on: it polls as often as it is woken, and not once more") {
  step("block_on a future that another thread wakes, 200 times over");
  const int polls = ::block_on(Woken(200));
  step("it was polled 201 times");
  CHECK(polls == 201);
}

TEST_CASE("02-1 block_on: coroutines run on it") {
  auto nested = [](int wakes) -> Async<int> {
    const int polls = co_await Woken(wakes);
    co_return polls;
  };
  auto sum = [&nested]() -> Async<int> {
    const int one = co_await nested(1);
    const int two = co_await nested(2);
    co_return one + two;
  };
  step("block_on a coroutine that awaits two others, one wake and two wakes long");
  CHECK(::block_on(sum()) == 5);
}

TEST_CASE("02-1 block_on: what the future throws comes out") {
  step("block_on a future that throws when it is polled for the second time");
  auto future = poll_fn([polls = 0](Context& context) mutable -> Poll<int> {
    if (++polls == 2) throw std::runtime_error("no kettle");
    context.waker().wake_by_ref();
    return kPending;
  });
  CHECK_THROWS_WITH(::block_on(std::move(future)), "no kettle");
}

TEST_CASE("02-1 block_on: a waker that is used too late does nothing") {
  Waker kept = Waker::noop();
  step("block_on a future that leaves a clone of its waker with the test");
  ::block_on(poll_fn([&kept](Context& context) -> Poll<void> {
    kept = context.waker().clone();
    return kReady;
  }));
  step("block_on has returned: wake the clone");
  kept.wake_by_ref();
  step("on another thread: clone it once more, wake that one, and destroy both");
  std::thread([kept = std::move(kept)] { kept.clone().wake(); }).join();
}

TEST_SUITE_END();
