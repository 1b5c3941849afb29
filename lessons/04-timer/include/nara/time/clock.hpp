// What time it is: in a runtime, time is something that can be stopped.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace nara::inline NARA_BUILD::time {

/// A point in time. Mirrors `tokio::time::Instant`.
using Instant = std::chrono::steady_clock::time_point;

/// A length of time, in nanoseconds.
using Duration = std::chrono::nanoseconds;

/// About thirty years: far enough for "never", and far from every overflow.
inline constexpr Duration kFar = std::chrono::hours(24) * 365 * 30;

/// The sum, or `kFar` from `from` if that comes first.
constexpr Instant later(Instant from, Duration by) noexcept {
  return from + (by < kFar ? by : kFar);
}

/// The time from `from` to `to`; none when that is earlier, and never more than two hundred years.
constexpr Duration since(Instant from, Instant to) noexcept {
  constexpr Duration kLongest = kFar / 30 * 200;
  if (to <= from) return Duration(0);
  // Unsigned, because the difference of the earliest and the latest has no sign bit to spare.
  const auto apart = static_cast<std::uint64_t>(to.time_since_epoch().count()) -
                     static_cast<std::uint64_t>(from.time_since_epoch().count());
  return apart < static_cast<std::uint64_t>(kLongest.count())
             ? Duration(static_cast<Duration::rep>(apart))
             : kLongest;
}

/// The clock of one runtime. It runs with the machine's, until it is paused; then it moves only
/// when it is told to.
///
/// Thread safety: all functions, any thread. Mirrors `tokio::time::clock::Clock`.
class Clock {
 public:
  explicit Clock(bool is_paused) {
    if (is_paused) pause();
  }

  Instant now() const noexcept;

  /// What the machine's clock shows when this one, which runs, shows `time`.
  Instant on_machine(Instant time) const noexcept;

  bool is_paused() const noexcept { return is_paused_.load(std::memory_order_relaxed); }

  /// Stops it. Throws `Misuse` when it stands still already.
  void pause();

  /// Lets it run on, from what it shows. Throws `Misuse` when it runs.
  void resume();

  /// Moves it. Throws `Misuse` when it runs.
  void advance(Duration by);

  /// Moves it on to `time`, unless it shows more already. False when it runs: then it stays.
  bool skip_to(Instant time) noexcept;

 private:
  std::atomic<bool> is_paused_ = false;
  std::atomic<bool> has_been_paused_ = false;  ///< Until then, nobody needs the mutex.
  mutable std::mutex mutex_;
  Instant shows_;        ///< While it stands still. Guarded by `mutex_`.
  Duration ahead_ = {};  ///< Of the machine's clock, while it runs. Guarded by `mutex_`.
};

}  // namespace nara::inline NARA_BUILD::time
