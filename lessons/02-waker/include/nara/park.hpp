// How an executor's thread waits when there is nothing to do.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <nara/current.hpp>
#include <optional>

namespace nara::inline NARA_BUILD {

/// The seam between an executor and the world outside: the thread sleeps in it until something may
/// have happened. Drivers (epoll, timers) are parkers that wake tasks before they return.
class Park {
 public:
  /// When waiting is to end at the latest. Nothing: never.
  using Deadline = std::optional<std::chrono::steady_clock::time_point>;

  /// The deadline of one who only looks.
  static constexpr Deadline kNow = std::chrono::steady_clock::time_point::min();

  virtual ~Park() = default;

  /// Waits until `unpark()` is called or `deadline` has passed. May return early for no reason.
  /// Called by the executor's thread alone.
  ///
  /// True when somebody has called `unpark()`, or the driver had news: there may be something to
  /// do.
  virtual bool park(Deadline deadline) = 0;

  /// Ends the `park()` that is going on, or else the next one: it is latched. Any thread.
  virtual void unpark() noexcept = 0;

  /// True when something else may end a `park()` as well, and bring wakes with it: the kernel, or a
  /// clock. Reports ask for it: who sleeps without that, and has nobody to unpark it, sleeps for
  /// ever. Any thread.
  virtual bool may_end_by_itself() const noexcept { return true; }

  /// There will be no more news: whoever waits for some is woken, and told so. Called once, by the
  /// executor's thread; `park()` and `unpark()` still work then.
  virtual void shut_down() noexcept {}

  /// Puts what it offers to tasks into `services`. Called once, by the executor that it belongs to.
  virtual void provide(Services& services) noexcept { (void)services; }
};

/// Parks on a condition variable: for an executor without drivers.
class ThreadParker final : public Park {
 public:
  bool park(Deadline deadline) override;
  void unpark() noexcept override;
  bool may_end_by_itself() const noexcept override { return false; }

 private:
  std::mutex mutex_;
  std::condition_variable unparked_;
  bool is_unparked_ = false;  ///< Set by `unpark()`, used up by `park()`.
};

}  // namespace nara::inline NARA_BUILD
