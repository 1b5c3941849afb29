// A clock for an executor, in forty lines: a sorted list of those who sleep, and a parker that
// looks at it.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <nara/context.hpp>
#include <nara/park.hpp>
#include <nara/poll.hpp>
#include <nara/waker.hpp>
#include <utility>

using Instant = std::chrono::steady_clock::time_point;
using Duration = std::chrono::nanoseconds;

// [timers]
/// Parks in another parker, but not for longer than to the next deadline. Then it wakes.
class ToyTimers final : public nara::Park {
 public:
  ToyTimers(std::unique_ptr<nara::Park> below, Instant (*now)())
      : now(now), below_(std::move(below)) {}

  // [park]
  bool park(Deadline deadline) override {
    if (!sleepers.empty()) {
      const Instant first = sleepers.begin()->first.first;
      if (!deadline || first < *deadline) deadline = first;
    }
    bool has_news = below_->park(deadline);
    while (!sleepers.empty() && sleepers.begin()->first.first <= now()) {
      auto sleeper = sleepers.extract(sleepers.begin());
      std::move(sleeper.mapped()).wake();
      has_news = true;
    }
    return has_news;
  }
  // [/park]
  void unpark() noexcept override { below_->unpark(); }

  Instant (*const now)();  ///< What time is it?

  /// Whom to wake, sorted by deadline. The address tells those of the same deadline apart.
  std::map<std::pair<Instant, const void*>, nara::Waker> sleepers;

 private:
  std::unique_ptr<nara::Park> below_;
};
// [/timers]

// [sleep]
/// Ready when its deadline has passed.
class ToySleep {
 public:
  using Output = void;

  ToySleep(ToyTimers& timers, Duration duration)
      : timers_(timers), deadline_(timers.now() + duration) {}
  ToySleep(const ToySleep&) = delete;
  // [wait]
  ~ToySleep() { timers_.sleepers.erase({deadline_, this}); }

  nara::Poll<void> poll(nara::Context& context) {
    if (deadline_ <= timers_.now()) return nara::kReady;
    timers_.sleepers.insert_or_assign({deadline_, this}, context.waker().clone());
    return nara::kPending;
  }
  // [/wait]

 private:
  ToyTimers& timers_;
  const Instant deadline_;
};
// [/sleep]
