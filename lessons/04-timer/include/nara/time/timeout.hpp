// A future that is given only so much time.
#pragma once

#include <expected>
#include <nara/context.hpp>
#include <nara/detail/borrowed.hpp>
#include <nara/future.hpp>
#include <nara/poll.hpp>
#include <nara/time/clock.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timers.hpp>
#include <nara/trace.hpp>
#include <system_error>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD::time {

/// The time was over. Mirrors `tokio::time::error::Elapsed`.
struct Elapsed {
  bool operator==(const Elapsed&) const noexcept = default;

  /// For functions that give an `io::Result`.
  operator std::error_code() const noexcept { return std::make_error_code(std::errc::timed_out); }
};

/// Ready with what the future gives, or when the time is over. Made by `timeout()`.
template <Future F>
class [[nodiscard]] Timeout {
 public:
  using Output = std::expected<OutputOf<F>, Elapsed>;

  Timeout(F future, Sleep sleep) : future_(std::move(future)), sleep_(std::move(sleep)) {}

  // [poll]
  /// The future is asked first: when both are ready, its value wins.
  Poll<Output> poll(Context& context) {
    Poll<OutputOf<F>> answer = future_.poll(context);
    if (answer.is_ready()) {
      if constexpr (std::is_void_v<OutputOf<F>>) {
        return Output();
      } else {
        return Output(std::move(answer).value());
      }
    }
    // Why without the budget: a future that uses up all of it must not escape its deadline.
    if (sleep_.poll_elapsed(context, "timeout()")) return Output(std::unexpect);
    return kPending;
  }
  // [/poll]

  void describe(Trace& trace) const { detail::describe(future_, trace); }

 private:
  F future_;
  Sleep sleep_;
};

/// Gives `future` time until `deadline`. Afterwards its time is over; it is destroyed together with
/// this, not before. A future that is given by its name stays the caller's, who may go on with it.
/// Throws what the future throws, and `Misuse` when there is no current runtime, or it has no
/// clock.
///
/// Cancel safety: that of the future. Mirrors `tokio::time::timeout_at`.
template <class F>
  requires Future<F>
auto timeout_at(Instant deadline, F&& future) {
  using Kept = detail::Kept<F>;
  return Timeout<Kept>(Kept(std::forward<F>(future)),
                       Sleep(Timers::current("timeout_at()"), deadline));
}

/// The same, for `duration` from now on. Cancel safety: that of the future.
template <class F>
  requires Future<F>
auto timeout(Duration duration, F&& future) {
  using Kept = detail::Kept<F>;
  return Timeout<Kept>(Kept(std::forward<F>(future)),
                       Sleep(Timers::current("timeout()"), duration));
}

}  // namespace nara::inline NARA_BUILD::time
