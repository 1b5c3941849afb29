// An executor in forty lines: tasks, a queue, and wakers that put the one into the other.
#pragma once

#include <deque>
#include <nara/async.hpp>
#include <nara/waker.hpp>
#include <utility>

// [task]
/// A future that runs by itself. It lives as long as the queue or a waker refers to it.
struct ToyTask {
  nara::Async<> future;
  std::deque<ToyTask*>& queue;
  int references = 1;

  static ToyTask& of(void* data) { return *static_cast<ToyTask*>(data); }
  static void clone(void* data) noexcept { ++of(data).references; }
  // [wake]
  static void wake(void* data) noexcept { of(data).queue.push_back(&of(data)); }
  // [/wake]
  static void wake_by_ref(void* data) noexcept {
    clone(data);
    wake(data);
  }
  static void drop(void* data) noexcept {
    if (--of(data).references == 0) delete &of(data);
  }

  static constexpr nara::WakerVTable kVTable{
      .clone = clone, .wake = wake, .wake_by_ref = wake_by_ref, .drop = drop};
};
// [/task]

// [executor]
class ToyExecutor {
 public:
  void spawn(nara::Async<> future) { queue_.push_back(new ToyTask{std::move(future), queue_}); }

  // [run]
  /// Gives the tasks in the queue a turn each, until there is none.
  void run() {
    while (!queue_.empty()) {
      ToyTask* const task = queue_.front();
      queue_.pop_front();
      // The waker takes over the reference of the queue.
      const nara::Waker waker(task, ToyTask::kVTable);
      nara::Context context(waker);
      (void)task->future.poll(context);
    }
  }
  // [/run]

 private:
  std::deque<ToyTask*> queue_;
};
// [/executor]
