// The number that tells one task from another.
#pragma once

#include <compare>
#include <cstdint>
#include <ostream>

namespace nara::inline NARA_BUILD {

/// Names a task. No two tasks of a process have the same. Mirrors `tokio::task::Id`.
class TaskId {
 public:
  explicit TaskId(std::uint64_t number) noexcept : number_(number) {}

  /// Tasks are counted from 1.
  std::uint64_t number() const noexcept { return number_; }

  auto operator<=>(const TaskId&) const noexcept = default;

  friend std::ostream& operator<<(std::ostream& out, TaskId id) { return out << id.number_; }

 private:
  std::uint64_t number_;
};

/// The id of the task that is being polled on this thread. Throws `Misuse` outside of any task.
/// Mirrors `tokio::task::id`.
TaskId current_task_id();

}  // namespace nara::inline NARA_BUILD
