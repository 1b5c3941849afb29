// What the code on this thread stands in: which executor, which task. The library's only
// thread-local variable besides the frame pool's.
#pragma once

#include <array>
#include <cstddef>

namespace nara::inline NARA_BUILD {

namespace detail {
class Task;
}  // namespace detail

class Scheduler;
struct Counters;

/// What a runtime offers to the code that runs in it, type-erased: each layer that offers something
/// declares the index of its place and casts back. Null: this runtime does not have it.
using Services = std::array<void*, 8>;

/// The place of the `Scheduler` that `spawn()` gives tasks to.
inline constexpr std::size_t kSchedulerService = 0;

/// The place of the `BlockingRunner` of `run_blocking()`.
inline constexpr std::size_t kBlockingService = 1;

/// The place of the `WorkElsewhere`.
inline constexpr std::size_t kWorkService = 2;

/// One level of being inside a runtime. It lives on the stack of a thread, and is current from its
/// construction to its destruction.
///
/// Thread safety: none; it stays on its thread. It must not be kept across a `co_await`, because
/// other tasks would run in between: the executor ends a task that does so with `Misuse`.
class [[nodiscard]] Current {
 public:
  /// Enters the runtime with these services, which have to outlive this. Mirrors
  /// `tokio::runtime::EnterGuard`.
  explicit Current(const Services& services) noexcept;

  /// Enters the runtime, runs tasks with this scheduler, and counts what it does. For executors.
  Current(const Services& services, const Scheduler& runs, Counters& counters) noexcept;

  /// What was current before is so again.
  ~Current();

  Current(const Current&) = delete;
  Current& operator=(const Current&) = delete;

  /// The innermost level on this thread. Null outside of any runtime.
  static Current* get() noexcept;

  /// A service of the runtime that was entered last on this thread. Throws `Misuse` when there is
  /// none: `what` was called outside of any runtime. Null when the runtime does not have it.
  static void* service(std::size_t index, const char* what);

  /// The scheduler whose tasks this thread runs. Null when it runs none, also after `enter()`.
  static const Scheduler* runs() noexcept;

  /// What counts the work of this thread. Null when it runs no tasks.
  static Counters* counters() noexcept;

  /// The task that is being polled. Null between polls.
  detail::Task* task() const noexcept { return task_; }
  void set_task(detail::Task* task) noexcept { task_ = task; }

  /// True when this is not the innermost level: somebody keeps a guard.
  bool is_covered() const noexcept { return is_covered_; }

  /// Makes this the innermost level again, whatever has been entered since.
  void uncover() noexcept;

 private:
  const Services* services_;
  const Scheduler* runs_;
  Counters* counters_;
  detail::Task* task_;
  Current* previous_;
  bool is_covered_ = false;
};

}  // namespace nara::inline NARA_BUILD
