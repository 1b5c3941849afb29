// All sleepers of a runtime, and the driver that wakes them.
//
//   executor ── park(deadline) ─► TimeDriver ── park(until the next alarm) ──► the driver below
//                                     │                                        (epoll, or none)
//                                     ▼ afterwards
//                                 Timers ── whose time has come? ──► wake
//                                     ▲
//                       sleep() ──────┘ insert, remove; any thread
//
// Time is counted in ticks of a millisecond since the driver was made. A deadline is rounded up to
// the next tick: nobody is woken early.
#pragma once

#include <atomic>
#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <nara/current.hpp>
#include <nara/detail/wheel.hpp>
#include <nara/park.hpp>
#include <nara/time/clock.hpp>
#include <nara/waker.hpp>
#include <nara/work_elsewhere.hpp>
#include <optional>

namespace nara::inline NARA_BUILD {

/// The place of the `Timers` among the services of a runtime.
inline constexpr std::size_t kTimerService = 4;

namespace time {

class TimeDriver;

/// Somebody who sleeps. Part of the future that is awaited.
class Sleeper : public detail::Alarm {
 public:
  enum class State : std::uint8_t {
    kIdle,      ///< Never polled yet, or reset.
    kWaiting,   ///< It stands in the wheel.
    kElapsed,   ///< Its time has come.
    kShutdown,  ///< The driver is gone.
  };

  Sleeper() noexcept = default;
  /// One that waits stays where it is: its neighbours in the wheel know it by its address.
  Sleeper(Sleeper&& other) noexcept : state_(other.state()) {
    assert(other.state() != State::kWaiting && "a future was moved after its first poll");
  }
  Sleeper& operator=(Sleeper&&) = delete;

  /// Acquire: pairs with the last that the driver does with it.
  State state() const noexcept { return state_.load(std::memory_order_acquire); }

 private:
  friend class Timers;

  Waker waker_ = Waker::noop();              ///< Guarded by the mutex of `Timers`, like the links.
  std::atomic<State> state_ = State::kIdle;  ///< Written with that mutex held.
};

/// Those who sleep in one runtime. It lives as long as the last of them.
///
/// Thread safety: all functions, any thread; each `Sleeper` by one thread at a time.
class Timers : public std::enable_shared_from_this<Timers> {
 public:
  /// Those of the current runtime. Throws `Misuse` when there are none: `what` needs them.
  static Timers& current(const char* what);

  Clock& clock() noexcept { return clock_; }

  /// Lets `sleeper` sleep until `deadline`, or sleep on. True when it need not: its state says
  /// whether the deadline has passed or the driver is gone, and it will not be woken.
  bool wait(Sleeper& sleeper, Instant deadline, const Waker& waker) noexcept;

  /// The sleeper is not to be woken any more, and is idle again.
  void cancel(Sleeper& sleeper) noexcept;

  /// The sleeper, if it waits, waits for another deadline.
  void reset(Sleeper& sleeper, Instant deadline) noexcept;

  /// True while there is somebody in the wheel, or on the way from there to being woken.
  bool has_sleepers() const noexcept;

  /// Lets the clock run on, and the driver know: it may sleep as if no time would ever pass.
  void resume();

  /// Wakes those whose time has come. True when there were any.
  bool wake_elapsed() noexcept;

 private:
  friend TimeDriver;

  Timers(Park& below, bool is_paused) : clock_(is_paused), below_(&below) {}

  bool insert(Sleeper& sleeper) noexcept;
  static Waker elapse(Sleeper& sleeper, Sleeper::State state) noexcept;
  bool wake_until(std::uint64_t tick, Sleeper::State state, std::unique_lock<std::mutex> lock);
  Park::Deadline next_alarm() noexcept;
  bool skip_to_next();
  void shut_down() noexcept;

  std::uint64_t tick_after(Instant deadline) const noexcept;
  std::uint64_t tick_now() const noexcept;

  Clock clock_;
  const Instant start_ = clock_.now();

  mutable std::mutex mutex_;  // Guards all that follows.
  detail::Wheel wheel_;
  Park* below_;                     ///< Where the driver sleeps. Null when it is gone.
  std::uint64_t sleeps_until_ = 0;  ///< The tick to which it sleeps. 0 while it is awake.

  /// Some have been taken out of the wheel, and not been woken yet. Set with the mutex held;
  /// cleared by the driver's thread, without.
  std::atomic<bool> is_waking_ = false;
};

/// Parks a thread in another parker, but not for longer than to the next alarm.
///
/// While the clock is paused, no time passes in it: when nothing else is to be done, it moves the
/// clock to the next alarm. When it is shut down, all who still sleep are woken, and to poll a
/// sleep after that is a misuse. Mirrors `tokio::runtime::time::Driver`.
class TimeDriver final : public Park {
 public:
  /// The clock stands still from the beginning when `is_paused`: at a tick, so that a sleep of
  /// whole milliseconds takes exactly that.
  explicit TimeDriver(std::unique_ptr<Park> below, bool is_paused = false);
  TimeDriver(const TimeDriver&) = delete;
  TimeDriver& operator=(const TimeDriver&) = delete;

  bool park(Deadline deadline) override;
  void unpark() noexcept override { below_->unpark(); }
  bool may_end_by_itself() const noexcept override;
  void provide(Services& services) noexcept override;
  void shut_down() noexcept override;

  Timers& timers() const noexcept { return *timers_; }

 private:
  bool park_while_paused();

  const std::unique_ptr<Park> below_;
  const std::shared_ptr<Timers> timers_;
  const WorkElsewhere* work_ = nullptr;
};

}  // namespace time

}  // namespace nara::inline NARA_BUILD
