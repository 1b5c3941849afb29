// First in, first out, through a link inside the tasks.
#pragma once

#include <nara/detail/task.hpp>
#include <utility>

namespace nara::inline NARA_BUILD::detail {

/// Tasks that are ready to run. A task stands in one queue at most: its state says so.
class TaskQueue {
 public:
  bool empty() const noexcept { return first_ == nullptr; }

  void push(Task& task) noexcept {
    task.next_in_queue = nullptr;
    *end_ = &task;
    end_ = &task.next_in_queue;
  }

  /// Null when it is empty.
  Task* pop() noexcept {
    Task* const task = first_;
    if (task == nullptr) return nullptr;
    first_ = task->next_in_queue;
    if (first_ == nullptr) end_ = &first_;
    return task;
  }

  /// Calls `visit(task)` for each, the first first.
  template <class Visit>
  void for_each(Visit visit) const {
    for (Task* task = first_; task != nullptr; task = task->next_in_queue) visit(*task);
  }

 private:
  Task* first_ = nullptr;
  Task** end_ = &first_;  ///< Where the next task goes: the last link.
};

}  // namespace nara::inline NARA_BUILD::detail
