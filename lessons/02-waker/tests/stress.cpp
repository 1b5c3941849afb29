// Wakers on many threads, while their tasks run, end, are aborted, and after the executor is gone.
// Meant for ThreadSanitizer. NARA_STRESS_ROUNDS=100000 lets it run for long; NARA_STRESS_SEED=7
// repeats a run.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <mutex>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/run_blocking.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <testkit/random.hpp>
#include <thread>
#include <vector>

using nara::AbortHandle;
using nara::Async;
using nara::Context;
using nara::kPending;
using nara::Poll;
using nara::Waker;
using nara::test::below;
using nara::test::Random;

namespace {

/// Where tasks leave wakers, and other threads do what they like with them.
class Market {
 public:
  void leave(const Waker& waker, int stall) {
    const std::lock_guard lock(mutex_);
    at(stall) = waker.clone();
  }

  void leave(AbortHandle handle, int stall) {
    const std::lock_guard lock(mutex_);
    handles_[static_cast<std::size_t>(stall % kStalls)] = std::move(handle);
  }

  /// One thing that a thread may do with a waker, or with an abort handle.
  void meddle(Random& random) {
    const int stall = below(random, kStalls);
    Waker taken = Waker::noop();
    std::optional<AbortHandle> handle;
    {
      const std::lock_guard lock(mutex_);
      handle = handles_[static_cast<std::size_t>(stall)];
      taken = below(random, 2) == 0 ? at(stall).clone() : std::move(at(stall));
    }
    switch (below(random, 5)) {
      case 0:
        std::move(taken).wake();
        break;
      case 1:
        taken.wake_by_ref();
        break;
      case 2:
        leave(taken, below(random, kStalls));
        taken.wake_by_ref();
        break;
      case 3:
        if (handle && below(random, 8) == 0) handle->abort();
        break;
      default:
        break;  // Dropped.
    }
  }

  void clear() {
    const std::lock_guard lock(mutex_);
    wakers_.clear();
    handles_ = {};
  }

  static constexpr int kStalls = 16;

 private:
  Waker& at(int stall) {
    while (wakers_.size() < kStalls) wakers_.push_back(Waker::noop());
    return wakers_[static_cast<std::size_t>(stall % kStalls)];
  }

  std::mutex mutex_;
  std::vector<Waker> wakers_;
  std::array<std::optional<AbortHandle>, kStalls> handles_;
};

/// Leaves its waker somewhere at each poll, and ends after some polls.
class Customer {
 public:
  using Output = int;

  Customer(Market& market, std::atomic<int>& alive, int polls)
      : market_(&market), alive_(&alive), polls_(polls) {
    ++*alive_;
  }
  Customer(Customer&& other) noexcept
      : market_(other.market_),
        alive_(std::exchange(other.alive_, nullptr)),
        polls_(other.polls_) {}
  Customer& operator=(Customer&&) = delete;
  ~Customer() {
    if (alive_ != nullptr) --*alive_;
  }

  Poll<int> poll(Context& context) {
    market_->leave(context.waker(), polls_ * 7);
    if (--polls_ <= 0) return 7;
    if (polls_ % 3 == 0) context.yield();
    return kPending;
  }

 private:
  Market* market_;
  std::atomic<int>* alive_;
  int polls_;
};

/// Lets the others run for a while, and now and then lets the executor fall asleep.
Async<> linger(int turns) {
  for (int turn = 0; turn < turns; ++turn) {
    if (turn % 16 == 5) {
      co_await nara::run_blocking([] {});
    } else {
      co_await nara::yield_now();
    }
  }
}

void one_round(unsigned seed) {
  Random random(seed);
  Market market;
  std::atomic<int> alive = 0;
  std::atomic<bool> is_over = false;
  std::vector<std::jthread> threads;
  for (unsigned thread = 1; thread <= 3; ++thread) {
    threads.emplace_back([&market, &is_over, seed, thread] {
      Random random(seed * 31 + thread);
      while (!is_over) market.meddle(random);
    });
  }
  {
    nara::CurrentThread executor;
    for (int visit = 0; visit < 3; ++visit) {
      for (int i = 0; i < 10; ++i) {
        auto handle = executor.spawn(Customer(market, alive, 1 + below(random, 6)));
        market.leave(handle.abort_handle(), below(random, Market::kStalls));
        if (below(random, 4) == 0) handle.abort();
      }
      executor.block_on(linger(1 + below(random, 60)));
    }
  }
  CHECK(alive == 0);
  is_over = true;
  threads.clear();
  market.clear();
}

constexpr int kRounds = 300;

}  // namespace

TEST_CASE("wakers and abort handles may be used by any thread at any time" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  const auto quiet = nara::set_forgotten_hook([](const nara::TaskInfo&) {});
  nara::test::for_each_seed(kRounds, one_round);
  nara::set_forgotten_hook(quiet);
}
