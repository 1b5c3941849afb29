// Polling by hand: a test plays the executor, and sees every poll, wake and waker.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <nara/future.hpp>
#include <optional>
#include <testkit/steps.hpp>
#include <testkit/tracked.hpp>
#include <type_traits>
#include <utility>

namespace nara::test {

/// Makes wakers, and counts what happens to them. It has to outlive them.
class WakeCounter {
 public:
  WakeCounter() = default;
  WakeCounter(const WakeCounter&) = delete;
  WakeCounter& operator=(const WakeCounter&) = delete;

  /// A waker whose wakes are counted here. May be used on any thread.
  Waker waker() noexcept {
    ++out_;
    return Waker(this, kCounting);
  }

  /// How often one of the wakers was woken.
  int wakes() const noexcept { return wakes_; }

  /// How many wakers exist that could still wake.
  int wakers_out() const noexcept { return out_; }

 private:
  static WakeCounter& self(void* data) noexcept { return *static_cast<WakeCounter*>(data); }

  static const WakerVTable kCounting;

  std::atomic<int> wakes_ = 0;
  std::atomic<int> out_ = 0;
};

inline constexpr WakerVTable WakeCounter::kCounting{
    .clone = [](void* data) noexcept { ++self(data).out_; },
    .wake =
        [](void* data) noexcept {
          ++self(data).wakes_;
          --self(data).out_;
        },
    .wake_by_ref = [](void* data) noexcept { ++self(data).wakes_; },
    .drop = [](void* data) noexcept { --self(data).out_; },
};

/// A future that a test polls by hand. Made by `by_hand()`. Mirrors `tokio_test::task::Spawn`.
template <Future F>
class ByHand {
 public:
  using Output = OutputOf<F>;

  explicit ByHand(F future) : future_(std::move(future)) {}

  /// Polls once, as an executor would.
  Poll<Output> poll() {
    Context context(waker_);
    wakes_at_poll_ = counter_.wakes();
    ++polls_;
    struct CountResumes {
      ByHand& self;
      Context& context;
      ~CountResumes() { self.resumes_ = static_cast<int>(context.resumes()); }
    } const count{*this, context};
    return future_.value().poll(context);
  }

  /// True when the future was woken since the last poll began.
  bool is_woken() const noexcept { return counter_.wakes() > wakes_at_poll_; }

  int wakes() const noexcept { return counter_.wakes(); }
  int polls() const noexcept { return polls_; }

  /// How many coroutines the last poll resumed.
  int resumes() const noexcept { return resumes_; }

  /// How many wakers the future (or someone it gave them to) has kept.
  int wakers_out() const noexcept { return counter_.wakers_out() - 1; }

  /// Destroys the future, which cancels it.
  void cancel() { future_.reset(); }

  F& future() { return future_.value(); }

 private:
  WakeCounter counter_;
  Waker waker_ = counter_.waker();
  std::optional<F> future_;
  int wakes_at_poll_ = 0;
  int polls_ = 0;
  int resumes_ = 0;
};

/// Takes a future to poll it by hand.
template <Future F>
ByHand<F> by_hand(F future) {
  return ByHand<F>(std::move(future));
}

/// Destroys a future at every point where it can be suspended, and checks that nothing is left: no
/// waker and no `Tracked` object.
///
/// `make()` makes the future anew each time. After the n-th pending poll (from 1), `go_on(n)` does
/// whatever makes the future go on. Returns how many suspension points there were.
template <class Make, class GoOn>
int destroy_at_every_suspension(Make make, GoOn go_on) {
  const int alive_before = Tracked::alive();
  for (int stop = 0;; ++stop) {
    auto future = by_hand(make());
    bool finished = false;
    for (int polls = 0; polls < stop && !finished; ++polls) {
      if (polls > 0) go_on(polls);
      finished = future.poll().is_ready();
    }
    step("destroy the future after ", future.polls(), " polls");
    future.cancel();
    REQUIRE(future.wakers_out() == 0);
    REQUIRE(Tracked::alive() == alive_before);
    if (finished) return stop - 1;
  }
}

}  // namespace nara::test
