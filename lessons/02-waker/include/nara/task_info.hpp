// What can be said about a task from outside: where it came from, where it stands, and who could
// wake it.
#pragma once

#include <cstdint>
#include <nara/task_id.hpp>
#include <nara/trace.hpp>
#include <ostream>
#include <source_location>
#include <string>

namespace nara::inline NARA_BUILD {

/// A picture of one task at one moment.
struct TaskInfo {
  enum class State : std::uint8_t {
    kWaiting,  ///< Suspended, until somebody wakes it.
    kReady,    ///< In the run queue.
    kRunning,  ///< Being polled.
  };

  TaskId id;
  std::string name;                 ///< Empty when it has none.
  std::source_location spawned_at;  ///< Line 0 when it is not known.
  State state;
  Trace trace;           ///< Where it is suspended. Empty while it runs.
  std::uint32_t wakers;  ///< How many wakers are out that could wake it.
  std::uint32_t polls;   ///< How often it was polled.
  bool has_kept_waker;   ///< After its last poll there was a waker.
  bool expects_no_wake;  ///< It waits for `pending()`: it is meant to sleep for ever.
};

/// Writes some lines for a person: which task, where it waits and for what, and how many wakers
/// are out.
std::ostream& operator<<(std::ostream& out, const TaskInfo& task);

/// Called when a task waits and no waker that could wake it exists any more, once per task, on the
/// thread of its executor. It must not throw, nor touch the executor.
using ForgottenHook = void (*)(const TaskInfo& task);

/// Replaces what happens then; by default the task is described on standard error. Returns what it
/// was. Any thread.
///
/// It finds what forgot to store its waker, and what lost it. It does not find tasks that wait for
/// each other, nor a waker that only the task itself keeps. A task that waits for `pending()` is
/// not meant to be woken, and is not reported.
ForgottenHook set_forgotten_hook(ForgottenHook hook) noexcept;

namespace detail {
ForgottenHook forgotten_hook() noexcept;
}  // namespace detail

}  // namespace nara::inline NARA_BUILD
