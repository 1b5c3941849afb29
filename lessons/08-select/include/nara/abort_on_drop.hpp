// A task that does not outlive its handle.
#pragma once

#include <nara/context.hpp>
#include <nara/join_handle.hpp>
#include <nara/poll.hpp>
#include <string_view>
#include <utility>

namespace nara::inline NARA_BUILD {

/// A `JoinHandle` that aborts its task when it is destroyed, instead of letting it run on.
///
/// Cancel safety: an await that is given up loses nothing, as long as this itself lives. Thread
/// safety: that of `JoinHandle`. Mirrors `tokio_util::task::AbortOnDropHandle`.
template <class T>
class [[nodiscard("destroying it aborts the task")]] AbortOnDrop {
 public:
  using Output = TaskResult<T>;
  static constexpr std::string_view kWaitsFor = "AbortOnDrop";

  explicit AbortOnDrop(JoinHandle<T> task) noexcept : task_(std::move(task)) {}
  AbortOnDrop(AbortOnDrop&& other) noexcept = default;
  /// Aborts the task that it had.
  AbortOnDrop& operator=(AbortOnDrop&& other) noexcept {
    AbortOnDrop taken(std::move(other));
    std::swap(task_, taken.task_);
    return *this;
  }
  ~AbortOnDrop() {
    if (!task_.is_empty()) task_.abort();
  }

  /// Ready when the task has ended. See `JoinHandle::poll`.
  Poll<Output> poll(Context& context) { return task_.poll(context); }

  void abort() const { task_.abort(); }
  AbortHandle abort_handle() const { return task_.abort_handle(); }
  bool is_finished() const { return task_.is_finished(); }

  /// The handle, which lets the task run on when it is destroyed.
  JoinHandle<T> detach() && { return std::move(task_); }

 private:
  JoinHandle<T> task_;
};

}  // namespace nara::inline NARA_BUILD
