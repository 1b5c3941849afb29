// What other threads are doing for the tasks of a runtime.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <nara/park.hpp>
#include <optional>

namespace nara::inline NARA_BUILD {

/// Counts the jobs that other threads do for a runtime. While there are some, it is not idle,
/// whatever its own thread does: a clock that stands still has to stay where it is, and who shuts
/// the runtime down may want to wait.
///
/// Thread safety: all functions, any thread.
class WorkElsewhere : public std::enable_shared_from_this<WorkElsewhere> {
 public:
  /// Each job that ends unparks `park`, until `forget_park()`.
  explicit WorkElsewhere(Park& park) noexcept : park_(&park) {}

  /// Held while a job is done.
  using Token = std::shared_ptr<const void>;

  /// A job for the current runtime begins. The token is empty outside of any, and in one
  /// that does not count.
  static Token begin();

  /// True when no job is being done. Those that have been done have woken their tasks before.
  bool is_none() const;

  /// Waits until there is none, for ever without `timeout`. False when the time was over.
  bool wait_until_none(std::optional<std::chrono::nanoseconds> timeout);

  /// The parker is going to be destroyed.
  void forget_park();

 private:
  void end();

  mutable std::mutex mutex_;  // Guards all that follows.
  std::condition_variable is_over_;
  int jobs_ = 0;
  Park* park_;
};

}  // namespace nara::inline NARA_BUILD
