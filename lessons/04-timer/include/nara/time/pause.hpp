// The clock of the current runtime: what it shows, and how to stop it for a test.
//
// A test of something that takes an hour should not take an hour. While the clock is paused, time
// passes only when all tasks wait: then it moves at once to the moment for which the next one
// waits. In a runtime that was built with `start_paused()`, whole milliseconds are exact; after
// `pause()`, which stops it between two ticks, a sleep may take up to one more.
#pragma once

#include <nara/context.hpp>
#include <nara/poll.hpp>
#include <nara/time/clock.hpp>
#include <string_view>

namespace nara::inline NARA_BUILD::time {

/// The time of the current runtime, or of the machine outside of any. Mirrors
/// `tokio::time::Instant::now`.
Instant now() noexcept;

/// Stops the clock of the current runtime. Throws `Misuse` when it stands still already, and when
/// there is no current runtime, or it has no clock. Mirrors `tokio::time::pause`.
void pause();

/// Lets it run on, from what it shows. Throws `Misuse` when it is running, and like `pause()`.
/// Mirrors `tokio::time::resume`.
void resume();

/// Ready when the clock has been moved. Made by `advance()`.
class [[nodiscard]] Advance {
 public:
  using Output = void;
  static constexpr std::string_view kWaitsFor = "advance()";

  explicit Advance(Duration by) noexcept : by_(by) {}
  Poll<void> poll(Context& context);

 private:
  Duration by_;
  bool is_done_ = false;
};

/// Moves the clock of the current runtime by `by`, which must not be negative, and lets all who
/// have waited for that have a turn. Throws `Misuse` when the clock is running, and like `pause()`.
///
/// Cancel safety: once polled, the clock has been moved. Mirrors `tokio::time::advance`.
inline Advance advance(Duration by) noexcept { return Advance(by); }

}  // namespace nara::inline NARA_BUILD::time
