// The seam between tasks and whoever runs them.
#pragma once

namespace nara::inline NARA_BUILD {

namespace detail {
class Task;
}  // namespace detail

/// Runs tasks. A task knows its scheduler only as this, so that the lesson on work stealing can put
/// another one in.
class Scheduler {
 public:
  /// Takes over a task that was just made, and runs it as soon as it can. Any thread.
  virtual void adopt(detail::Task& task) noexcept = 0;

  /// Lets a task that has been woken or aborted have a turn. Called once for each time that a task
  /// becomes scheduled. Any thread: a waker may be anywhere.
  virtual void schedule(detail::Task& task) noexcept = 0;

 protected:
  ~Scheduler() = default;
};

}  // namespace nara::inline NARA_BUILD
