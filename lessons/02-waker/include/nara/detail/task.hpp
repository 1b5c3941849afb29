// A task: a future that runs by itself, together with all that is known about it.
//
//      spawn() ────────►  Task  ◄──────── Waker, any number, on any thread
//                      ┌─────────────────────────────────┐
//   JoinHandle ───────►│ state      the word (TaskState) │
//   AbortHandle ──────►│ scheduler  who runs it          │◄──── run queue, list of all tasks
//                      │ joiner     who waits for it     │
//                      │ facts      for reports          │
//                      ├─────────────────────────────────┤
//                      │ future, later its outcome       │   (TaskCell)
//                      └─────────────────────────────────┘
//
// Who may touch what, and when:
//   state          anybody, at any time
//   next_in_queue  whose queue it stands in; guarded by that queue
//   list links     its scheduler
//   future         who has taken the task from a queue, until the state is idle or complete
//   joiner         see TaskState::kJoinWaker
//   outcome        the join handle, once the state is complete
//   facts          who owns the future; id and spawned_at never change, nor does the name
// The memory goes when the state says that nobody refers to it any more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <nara/context.hpp>
#include <nara/current.hpp>
#include <nara/detail/task_state.hpp>
#include <nara/frame_pool.hpp>
#include <nara/intrusive_list.hpp>
#include <nara/join_error.hpp>
#include <nara/scheduler.hpp>
#include <nara/task_id.hpp>
#include <nara/task_info.hpp>
#include <nara/trace.hpp>
#include <nara/waker.hpp>
#include <new>
#include <source_location>
#include <string_view>

namespace nara::inline NARA_BUILD::detail {

/// The part of a task that does not depend on its future.
class Task : public ListNode, public Pooled {
 public:
  Task(Scheduler& scheduler, std::source_location spawned_at);
  virtual ~Task() = default;

  TaskState& state() noexcept { return state_; }
  TaskId id() const noexcept { return facts_.id; }

  /// What is known about it, for who owns the future: it is looked into, unless it is running.
  TaskInfo info(TaskInfo::State state) const;

  // --- For a scheduler.

  enum class After : std::uint8_t {
    kIdle,   ///< It waits for a wake. It may be running elsewhere already.
    kAgain,  ///< Put it at the end of the queue.
    kEnded,  ///< Strike it off the list of tasks, then `publish()` it.
  };

  /// Gives a task that was taken from a queue its turn.
  After take_turn(Current& here) noexcept;

  /// Lets everybody know that it has ended. Afterwards the scheduler must not touch it.
  void publish() noexcept;

  Task* next_in_queue = nullptr;

  // --- For handles.

  /// Ready when the task has ended, else it will wake the waker of `context`.
  bool poll_join(Context& context) noexcept;

  /// The join handle leaves: the task is detached.
  void detach() noexcept;

  /// Asks the task to end.
  void abort() noexcept { perform(state_.abort()); }

  void drop_reference() noexcept { perform(state_.drop_reference()); }

 private:
  /// Polls the future. True when it has ended: then it is destroyed, and the outcome in its place.
  virtual bool poll(Context& context) noexcept = 0;

  /// Destroys the future. The outcome is this exception, or none: then it was cancelled.
  virtual void end(std::exception_ptr panic) noexcept = 0;

  /// Destroys what is in the cell: the future, or the outcome.
  virtual void discard() noexcept = 0;

  /// Where the future stands.
  virtual void describe(Trace& trace) const = 0;

  /// Empty for most.
  virtual std::string_view name() const noexcept { return {}; }

  After let_go(bool silent) noexcept;
  void perform(TaskState::Duty duty) noexcept;
  void report_forgotten();

  friend struct TaskWaker;

  TaskState state_;
  Scheduler& scheduler_;
  Waker joiner_ = Waker::noop();

  struct Facts {
    TaskId id;
    std::source_location spawned_at;
    std::uint32_t polls = 0;
    bool has_kept_waker = false;  ///< After the last poll there was a waker.
    bool is_reported = false;     ///< Nobody can wake it, and that was said.
  } facts_;
};

/// A task with an outcome of type `T`, as its join handle sees it.
template <class T>
class TaskOf : public Task {
 public:
  using Task::Task;

  /// The outcome. For the join handle, once, when the task is complete.
  virtual TaskResult<T> take_outcome() = 0;
};

}  // namespace nara::inline NARA_BUILD::detail
