// What spawn() gives back: a future of the task's end, and a way to ask for that end.
#pragma once

#include <nara/context.hpp>
#include <nara/detail/task.hpp>
#include <nara/join_error.hpp>
#include <nara/misuse.hpp>
#include <nara/poll.hpp>
#include <nara/task_id.hpp>
#include <string_view>
#include <utility>

namespace nara::inline NARA_BUILD {

/// Asks a task to end, and tells whether it has. Many can exist for one task, and they outlive it.
///
/// One that was moved from is empty, and throws `Misuse` when it is used. Thread safety: all
/// functions on any thread. Mirrors `tokio::task::AbortHandle`.
class AbortHandle {
 public:
  AbortHandle(const AbortHandle& other) noexcept : task_(other.task_) {
    if (task_ != nullptr) task_->state().add_reference();
  }
  AbortHandle(AbortHandle&& other) noexcept : task_(std::exchange(other.task_, nullptr)) {}
  AbortHandle& operator=(AbortHandle other) noexcept {
    std::swap(task_, other.task_);
    return *this;
  }
  ~AbortHandle() {
    if (task_ != nullptr) task_->drop_reference();
  }

  /// See `JoinHandle::abort`.
  void abort() const { task().abort(); }

  /// See `JoinHandle::is_finished`.
  bool is_finished() const { return task().state().is_complete(); }

  TaskId id() const { return task().id(); }

 private:
  template <class T>
  friend class JoinHandle;

  explicit AbortHandle(detail::Task& task) noexcept : task_(&task) {
    task_->state().add_reference();
  }

  detail::Task& task() const {
    if (task_ == nullptr) throw Misuse("this AbortHandle is empty: it was moved from");
    return *task_;
  }

  detail::Task* task_;
};

/// A future of what a task ends with: its value, or the reason why there is none.
///
/// Destroying it detaches the task, which runs on by itself. It can be awaited on any executor,
/// also after the one that ran the task is gone. After it was ready, or was moved from, it is
/// empty, and throws `Misuse` when it is used.
///
/// Cancel safety: an await that is given up loses nothing; a later one gives the outcome.
/// Thread safety: `abort`, `is_finished` and `id` on any thread, also while another awaits it.
/// Mirrors `tokio::task::JoinHandle`.
template <class T>
class [[nodiscard(
    "destroying a JoinHandle detaches the task: name it, or cast to void")]] JoinHandle {
 public:
  using Output = TaskResult<T>;
  static constexpr std::string_view kWaitsFor = "JoinHandle";

  /// Takes over the reference that a new task has for its join handle.
  explicit JoinHandle(detail::TaskOf<T>& task) noexcept : task_(&task) {}

  JoinHandle(JoinHandle&& other) noexcept : task_(std::exchange(other.task_, nullptr)) {}
  JoinHandle& operator=(JoinHandle&& other) noexcept {
    JoinHandle taken(std::move(other));
    std::swap(task_, taken.task_);
    return *this;
  }
  ~JoinHandle() {
    if (task_ != nullptr) task_->detach();
  }

  /// Ready when the task has ended and its future is destroyed: with the value that it returned, or
  /// with a `JoinError` if it threw or was cancelled.
  Poll<Output> poll(Context& context) {
    if (!task().poll_join(context)) return kPending;
    struct Leave {
      detail::TaskOf<T>* task;
      ~Leave() { task->drop_reference(); }
    } const leave{std::exchange(task_, nullptr)};
    return leave.task->take_outcome();
  }

  /// Asks the task to end. It is destroyed in its next turn, on its executor's thread, unless that
  /// turn is going on and it ends by itself. Has no effect on a task that has ended.
  void abort() const { task().abort(); }

  /// Another way to abort it, which does not keep it from being detached.
  AbortHandle abort_handle() const { return AbortHandle(task()); }

  /// True from the end of the task on, however it ended.
  bool is_finished() const { return task().state().is_complete(); }

  TaskId id() const { return task().id(); }

  /// True when it was moved from, or has given its outcome away.
  bool is_empty() const noexcept { return task_ == nullptr; }

 private:
  detail::TaskOf<T>& task() const {
    if (task_ == nullptr) {
      throw Misuse("this JoinHandle is empty: it was moved from, or has given its outcome away");
    }
    return *task_;
  }

  detail::TaskOf<T>* task_;
};

}  // namespace nara::inline NARA_BUILD
