// Why a task has no value to give.
#pragma once

#include <exception>
#include <expected>
#include <nara/task_id.hpp>
#include <ostream>
#include <string>
#include <utility>

namespace nara::inline NARA_BUILD {

/// What a `JoinHandle` gives instead of a value: the task was aborted, or an exception left it.
///
/// Thread safety: that of a `std::exception_ptr`. Mirrors `tokio::task::JoinError`.
class [[nodiscard]] JoinError {
 public:
  /// The task was cancelled.
  explicit JoinError(TaskId id) noexcept : id_(id) {}

  /// An exception left the task.
  JoinError(TaskId id, std::exception_ptr panic) noexcept : id_(id), panic_(std::move(panic)) {}

  /// Which task it was.
  TaskId id() const noexcept { return id_; }

  /// True when it was aborted, or its executor was destroyed.
  bool is_cancelled() const noexcept { return !is_panic(); }

  /// True when it threw. ("Panic" is Tokio's word.)
  bool is_panic() const noexcept { return panic_ != nullptr; }

  /// What the task threw, to be thrown again with `std::rethrow_exception`. Throws `Misuse` when
  /// the task was cancelled.
  std::exception_ptr into_panic() &&;

  /// The same, but hands the error back when the task was cancelled.
  std::expected<std::exception_ptr, JoinError> try_into_panic() &&;

  /// "task 7 was cancelled", or "task 7 panicked: " and the message of the exception, if it has
  /// one.
  std::string message() const;

  friend std::ostream& operator<<(std::ostream& out, const JoinError& error) {
    return out << error.message();
  }

 private:
  TaskId id_;
  std::exception_ptr panic_;
};

/// What a task ends with.
template <class T>
using TaskResult = std::expected<T, JoinError>;

}  // namespace nara::inline NARA_BUILD
