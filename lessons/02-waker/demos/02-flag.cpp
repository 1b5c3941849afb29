// A flag that keeps a task from standing in the queue twice. When is it to be lowered?
#include <cstdio>
#include <deque>
#include <nara/future.hpp>
#include <utility>

enum class Lowered : bool { kBeforeThePoll, kAfterThePoll };

struct Task {
  std::deque<Task*>& queue;
  bool is_queued = false;
  int polls = 0;

  // [wake]
  void wake() {
    if (!std::exchange(is_queued, true)) queue.push_back(this);
  }
  // [/wake]

  /// Is woken in the middle of its first poll, and ready at the second.
  bool poll() {
    if (++polls == 2) return true;
    wake();
    return false;
  }
};

// [run]
bool run(Lowered when, Task& task) {
  bool is_ready = false;
  task.wake();
  while (!task.queue.empty()) {
    task.queue.pop_front();
    if (when == Lowered::kBeforeThePoll) task.is_queued = false;
    is_ready = task.poll();
    if (when == Lowered::kAfterThePoll) task.is_queued = false;
  }
  return is_ready;
}
// [/run]

void tell(const char* when, Lowered lowered) {
  std::deque<Task*> queue;
  Task task{queue};
  const bool is_ready = run(lowered, task);
  std::printf("lowered %s the poll: polls: %d, %s\n", when, task.polls,
              is_ready ? "ready" : "never polled again");
}

int main() {
  tell("before", Lowered::kBeforeThePoll);
  tell("after", Lowered::kAfterThePoll);
}
