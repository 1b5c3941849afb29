// Waiting until a point in time.
#pragma once

#include <memory>
#include <nara/context.hpp>
#include <nara/misuse.hpp>
#include <nara/poll.hpp>
#include <nara/time/clock.hpp>
#include <nara/time/timers.hpp>
#include <string>
#include <string_view>

namespace nara::inline NARA_BUILD::time {

/// Ready when its deadline has passed. Made by `sleep()` and `sleep_until()`.
///
/// It belongs to the runtime in which it was made. It begins to wait at its first poll, and may be
/// moved until then, and again when its time is over. Ready once, it stays ready. Mirrors
/// `tokio::time::Sleep`.
///
/// Cancel safety: destroying it takes it out of the wheel, in constant time.
class [[nodiscard]] Sleep {
 public:
  using Output = void;
  static constexpr std::string_view kWaitsFor = "sleep()";

  /// Throws `Misuse` when there is no current runtime, or it has no clock.
  explicit Sleep(Instant deadline) : Sleep(Timers::current("a Sleep"), deadline) {}
  Sleep(Timers& timers, Instant deadline)
      : timers_(timers.shared_from_this()), deadline_(deadline) {}
  Sleep(Timers& timers, Duration duration) : Sleep(timers, later(timers.clock().now(), duration)) {}
  Sleep(Sleep&& other) noexcept = default;
  Sleep& operator=(Sleep&&) = delete;
  ~Sleep() {
    if (sleeper_.state() == Sleeper::State::kWaiting) timers_->cancel(sleeper_);
  }

  /// Takes one unit of the budget when it is ready. Throws `Misuse` when its runtime is gone.
  Poll<void> poll(Context& context) {
    if (!poll_elapsed(context)) return kPending;
    if (context.spend()) return kReady;
    context.yield();
    return kPending;
  }

  /// When it will be ready. It is never ready before that, and as a rule at most a millisecond
  /// after.
  Instant deadline() const noexcept { return deadline_; }

  /// True when the deadline was found to have passed: then the next poll is ready.
  bool is_elapsed() const noexcept { return sleeper_.state() == Sleeper::State::kElapsed; }

  /// From now on, it waits for another deadline. Who waits for it now is woken at that.
  void reset(Instant deadline) noexcept {
    deadline_ = deadline;
    timers_->reset(sleeper_, deadline);
  }

  /// The same as `poll()`, without the budget: for futures that contain a sleep. A misuse is that
  /// of `who`.
  bool poll_elapsed(Context& context, const char* who = "sleep()") {
    if (sleeper_.state() == Sleeper::State::kElapsed) return true;
    if (!timers_->wait(sleeper_, deadline_, context.waker())) return false;
    if (sleeper_.state() == Sleeper::State::kShutdown) throw_shutdown(who);
    return true;
  }

 private:
  [[noreturn, gnu::cold]] static void throw_shutdown(const char* who) {
    throw Misuse(std::string(who) +
                 " was polled, but its runtime is shut down: keep the runtime for longer");
  }

  std::shared_ptr<Timers> timers_;
  Instant deadline_;
  Sleeper sleeper_;
};

/// Waits until `deadline`, in the time of the current runtime; one that is more than two hundred
/// years after the runtime was made has passed after those. Throws `Misuse` when there is no
/// current runtime, or it has no clock. Cancel safe. Mirrors `tokio::time::sleep_until`.
inline Sleep sleep_until(Instant deadline) { return {Timers::current("sleep_until()"), deadline}; }

/// Waits for `duration`, which is rounded up to a millisecond of the runtime's clock; what is
/// longer than thirty years ends after thirty. The time runs from this call, not from the first
/// poll. Throws `Misuse` when there is no current runtime, or it has no clock. Cancel safe. Mirrors
/// `tokio::time::sleep`.
inline Sleep sleep(Duration duration) { return {Timers::current("sleep()"), duration}; }

}  // namespace nara::inline NARA_BUILD::time
