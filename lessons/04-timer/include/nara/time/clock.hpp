// What time it is: in a runtime, time is something that can be stopped.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>

namespace nara::inline NARA_BUILD::time {

/// A point in time. Mirrors `tokio::time::Instant`.
using Instant = std::chrono::steady_clock::time_point;

/// A length of time, in nanoseconds.
using Duration = std::chrono::nanoseconds;

/// The sum, or about thirty years from `from` if that comes first: far enough for "never", and far
/// from every overflow.
constexpr Instant later(Instant from, Duration by) noexcept {
  constexpr Duration kFar = std::chrono::hours(24) * 365 * 30;
  return from + (by < kFar ? by : kFar);
}

/// The clock of one runtime. It runs with the machine's, until it is paused; then it moves only
/// when it is told to.
///
/// Thread safety: all functions, any thread. Mirrors `tokio::time::clock::Clock`.
class Clock {
 public:
  Instant now() const noexcept;

  bool is_paused() const noexcept { return is_paused_.load(std::memory_order_relaxed); }

  /// Stops it. Throws `Misuse` when it stands still already.
  void pause();

  /// Lets it run on, from what it shows. Throws `Misuse` when it runs.
  void resume();

  /// Moves it. Throws `Misuse` when it runs.
  void advance(Duration by);

 private:
  std::atomic<bool> is_paused_ = false;
  std::atomic<bool> has_been_paused_ = false;  ///< Until then, nobody needs the mutex.
  mutable std::mutex mutex_;
  Instant shows_;        ///< While it stands still. Guarded by `mutex_`.
  Duration ahead_ = {};  ///< Of the machine's clock, while it runs. Guarded by `mutex_`.
};

}  // namespace nara::inline NARA_BUILD::time
