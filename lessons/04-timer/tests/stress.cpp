// Sleeps that are made, polled, reset and dropped on many threads, while their runtime sleeps,
// wakes them and ends. Meant for ThreadSanitizer. NARA_STRESS_ROUNDS=100000 lets it run for long;
// NARA_STRESS_SEED=7 repeats a run.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <nara/misuse.hpp>
#include <nara/runtime.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <testkit/by_hand.hpp>
#include <testkit/random.hpp>
#include <thread>
#include <vector>

#include "paused.hpp"

using namespace std::chrono_literals;

using nara::Async;
using nara::Context;
using nara::Runtime;
using nara::Waker;
using nara::test::below;
using nara::test::Random;
using nara::time::Duration;
using nara::time::Sleep;
using nara::time::sleep;

namespace {

/// Mostly less than what the runtime is doing takes; sometimes none, sometimes long.
Duration some_time(Random& random) {
  if (below(random, 20) == 0) return 1h;
  return std::chrono::microseconds(below(random, 3'000));
}

/// Some sleeps of one thread, and what it does with them.
class Bed {
 public:
  Bed(nara::Handle runtime, const Waker& waker, unsigned seed)
      : runtime_(std::move(runtime)), waker_(waker), random_(seed) {}

  void meddle() {
    std::optional<Sleep>& place = sleeps_[static_cast<std::size_t>(below(random_, kSleeps))];
    if (!place) {
      const nara::Current inside = runtime_.enter();
      place.emplace(sleep(some_time(random_)));
      return;
    }
    switch (below(random_, 5)) {
      case 0:
        place.reset();
        break;
      case 1:
        place->reset(place->deadline() + some_time(random_) - 1ms);
        break;
      default:
        poll(*place);
        break;
    }
  }

 private:
  static constexpr int kSleeps = 8;

  void poll(Sleep& place) {
    Context context(waker_);
    try {
      (void)place.poll(context);
    } catch (const nara::Misuse&) {
      // The runtime was shut down.
    }
  }

  nara::Handle runtime_;
  const Waker& waker_;
  Random random_;
  std::array<std::optional<Sleep>, kSleeps> sleeps_;
};

/// Sleeps now and then, and is ready for others in between.
Async<> linger(Random random, int times) {
  for (int i = 0; i < times; ++i) {
    if (below(random, 2) == 0) {
      co_await sleep(std::chrono::microseconds(below(random, 500)));
    } else {
      (void)co_await nara::time::timeout(some_time(random), nara::yield_now());
    }
  }
}

void one_round(unsigned seed) {
  nara::test::WakeCounter counter;
  {
    const Waker waker = counter.waker();
    std::atomic<bool> is_over = false;
    std::vector<std::jthread> threads;
    {
      Runtime runtime = Runtime::create().value();
      for (unsigned thread = 1; thread <= 3; ++thread) {
        threads.emplace_back([&, handle = runtime.handle(), seed = seed * 31 + thread] {
          Bed bed(handle, waker, seed);
          while (!is_over.load(std::memory_order_relaxed)) bed.meddle();
        });
      }
      for (unsigned visit = 0; visit < 2; ++visit) {
        for (unsigned task = 0; task < 3; ++task) {
          auto handle = runtime.spawn(linger(Random(seed * 100 + visit * 10 + task), 20));
          if (task == 0) handle.abort();
        }
        runtime.block_on(linger(Random(seed + visit), 5));
      }
    }
    is_over = true;
  }
  CHECK(counter.wakers_out() == 0);
}

}  // namespace

TEST_CASE("sleeps may be made, polled, reset and dropped on any thread at any time" *
          doctest::timeout(3600)) {
  nara::test::for_each_seed(100, one_round);
}
