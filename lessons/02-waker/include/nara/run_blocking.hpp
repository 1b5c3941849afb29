// How a task gets something done that would stop its thread: on another thread.
#pragma once

#include <concepts>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <nara/context.hpp>
#include <nara/detail/slot.hpp>
#include <nara/misuse.hpp>
#include <nara/poll.hpp>
#include <nara/waker.hpp>
#include <nara/work_elsewhere.hpp>
#include <string_view>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD {

/// The seam between `run_blocking()` and the threads that do the work. Without one in the current
/// runtime, each job gets a thread of its own.
class BlockingRunner {
 public:
  /// Runs `job` soon, on another thread. Any thread. Throws `std::system_error` when there is no
  /// thread for it.
  virtual void run(std::move_only_function<void()> job) = 0;

 protected:
  ~BlockingRunner() = default;
};

namespace detail {

/// Runs the job with the runner of the current runtime, or else on a thread of its own.
void run_elsewhere(std::move_only_function<void()> job);

/// What the thread that works and the future that waits have in common.
template <class T>
struct BlockingJob {
  std::mutex mutex;
  bool is_done = false;         ///< Guarded by `mutex`, like all that follows.
  Waker waker = Waker::noop();  ///< Of the future.
  [[no_unique_address]] Slot<T> value;
  std::exception_ptr error;

  /// Keeps what the job has left, and wakes the future.
  void finish(Slot<T> left, std::exception_ptr thrown) {
    Waker waiting = Waker::noop();
    {
      const std::lock_guard lock(mutex);
      is_done = true;
      value = std::move(left);
      error = std::move(thrown);
      std::swap(waiting, waker);
    }
    std::move(waiting).wake();
  }
};

}  // namespace detail

/// Ready when a job that runs on another thread is done. Made by `run_blocking()`.
template <class T>
class [[nodiscard]] RunBlocking {
 public:
  using Output = T;
  static constexpr std::string_view kWaitsFor = "run_blocking()";

  template <class Job>
  explicit RunBlocking(Job job) : shared_(std::make_shared<detail::BlockingJob<T>>()) {
    detail::run_elsewhere(
        [shared = shared_, job = std::move(job), work = WorkElsewhere::begin()]() mutable {
          detail::Slot<T> value;
          std::exception_ptr error;
          try {
            if constexpr (std::is_void_v<T>) {
              job();
            } else {
              value.put(job());
            }
          } catch (...) {
            error = std::current_exception();
          }
          shared->finish(std::move(value), std::move(error));
          work.reset();  // Not before the future was woken.
        });
  }

  /// Throws what the job threw, and `Misuse` when it was ready before.
  Poll<T> poll(Context& context) {
    if (shared_ == nullptr) throw Misuse("run_blocking() was polled again after it was ready");
    const auto shared = shared_;  // Outlives the lock on its mutex.
    const std::lock_guard lock(shared->mutex);
    if (!shared->is_done) {
      shared->waker.clone_from(context.waker());
      return kPending;
    }
    shared_.reset();
    if (shared->error) std::rethrow_exception(std::exchange(shared->error, nullptr));
    if constexpr (std::is_void_v<T>) {
      return kReady;
    } else {
      return shared->value.take();
    }
  }

 private:
  std::shared_ptr<detail::BlockingJob<T>> shared_;
};

/// Runs `job()` on another thread, and is ready with what it returns, or throws what it throws.
///
/// The job begins at once, not at the first poll, and cannot be stopped. Throws `std::system_error`
/// when there is no thread for it. This is the seam that `spawn_blocking()` is built on.
///
/// Cancel safety: the job runs on, and its result is thrown away.
template <std::invocable Job>
RunBlocking<std::invoke_result_t<Job&>> run_blocking(Job job) {
  return RunBlocking<std::invoke_result_t<Job&>>(std::move(job));
}

}  // namespace nara::inline NARA_BUILD
