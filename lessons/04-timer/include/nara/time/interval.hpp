// Something that is due again and again.
#pragma once

#include <cstdint>
#include <nara/context.hpp>
#include <nara/poll.hpp>
#include <nara/time/clock.hpp>
#include <nara/time/sleep.hpp>
#include <string_view>

namespace nara::inline NARA_BUILD::time {

/// What an interval does when somebody comes too late for one or more of its ticks. Mirrors
/// `tokio::time::MissedTickBehavior`.
///
///   on time     |     |     |     |     |     |     |
///   kBurst      |     work──────────| | |     |     |     all of them, as fast as possible
///   kDelay      |     work──────────|     |     |         the next a whole period after that
///   kSkip       |     work──────────|   |     |     |     the next where it would have been
enum class MissedTickBehavior : std::uint8_t { kBurst, kDelay, kSkip };

class Interval;

/// Ready at the next tick. Made by `Interval::tick()`.
class [[nodiscard]] Tick {
 public:
  using Output = Instant;
  static constexpr std::string_view kWaitsFor = "Interval::tick()";

  explicit Tick(Interval& interval) noexcept : interval_(interval) {}
  Poll<Instant> poll(Context& context);

 private:
  Interval& interval_;
};

/// Ticks, a period apart. Made by `interval()` and `interval_at()`.
///
/// Thread safety: one task at a time. Mirrors `tokio::time::Interval`.
class [[nodiscard]] Interval {
 public:
  /// Throws `Misuse` when `period` is not positive, when there is no current runtime, or when it
  /// has no clock.
  Interval(Instant first, Duration period);

  /// Waits for the next tick, and gives the time at which it was due, which may be a while ago.
  /// Throws `Misuse` when it would have to wait, and its runtime is gone. Cancel safe: no tick is
  /// lost. Mirrors `tokio::time::Interval::tick`.
  Tick tick() noexcept { return Tick(*this); }
  Poll<Instant> poll_tick(Context& context);

  Duration period() const noexcept { return period_; }

  MissedTickBehavior missed_tick_behavior() const noexcept { return behavior_; }
  void set_missed_tick_behavior(MissedTickBehavior behavior) noexcept { behavior_ = behavior; }

  /// The next tick comes a period from now; at once; after `delay`; at `next`. The others follow a
  /// period apart.
  void reset() noexcept { reset_after(period_); }
  void reset_immediately() noexcept { reset_after(Duration(0)); }
  void reset_after(Duration delay) noexcept { reset_at(later(clock_.now(), delay)); }
  void reset_at(Instant next) noexcept { sleep_.reset(next); }

 private:
  Instant after(Instant due, Instant now) const noexcept;

  Interval(Timers& timers, Instant first, Duration period);
  friend Interval interval(Duration period);

  const Clock& clock_;  // It lives as long as `sleep_`.
  Duration period_;
  Sleep sleep_;
  MissedTickBehavior behavior_ = MissedTickBehavior::kBurst;
};

inline Poll<Instant> Tick::poll(Context& context) { return interval_.poll_tick(context); }

/// An interval whose first tick is at `first`. See `Interval`.
inline Interval interval_at(Instant first, Duration period) { return {first, period}; }

/// An interval whose first tick is now. See `Interval`.
Interval interval(Duration period);

}  // namespace nara::inline NARA_BUILD::time
