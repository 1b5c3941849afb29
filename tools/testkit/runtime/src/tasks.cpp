// Finds out that nothing can make progress any more, and shows the tasks.
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <mutex>
#include <nara/task_dump.hpp>
#include <sstream>
#include <testkit/tasks.hpp>
#include <testkit/threads.hpp>
#include <vector>

namespace nara::test {

namespace {

/// How long a task may be polled before it is reported as one that does not come back.
constexpr std::chrono::milliseconds kPatience{200};

/// Executors whose threads have nothing to do, and sleep. There is one of each thread, at most.
struct Bedroom {
  /// Who holds it keeps the sleepers there: one that has been woken waits for it before it does
  /// anything. So all that belongs to it can be looked at.
  std::mutex mutex;
  std::vector<const CurrentThread*> sleepers;  ///< Guarded by `mutex`.
};

Bedroom& bedroom() {
  static auto* const bedroom = new Bedroom();
  return *bedroom;
}

void goes_to_sleep(const CurrentThread& executor) {
  const std::lock_guard lock(bedroom().mutex);
  bedroom().sleepers.push_back(&executor);
}

void has_slept(const CurrentThread& executor) {
  const std::lock_guard lock(bedroom().mutex);
  std::erase(bedroom().sleepers, &executor);
}

/// A driver may be woken by the kernel, or by a clock: about what these are going to do, nothing
/// can be concluded. A driver that knows that nothing is to come says so itself.
bool may_end_by_itself(const CurrentThread* sleeper) {
  return sleeper->parker().may_end_by_itself();
}

/// Is there something that it is going to do, as soon as it wakes up?
bool has_been_woken(const CurrentThread* sleeper) {
  return std::ranges::any_of(sleeper->dump(), [](const TaskInfo& task) {
    return task.state != TaskInfo::State::kWaiting;
  });
}

/// Can one of its tasks be woken, if somebody wants to?
bool has_wakers_out(const CurrentThread* sleeper) {
  return std::ranges::any_of(sleeper->dump(), [](const TaskInfo& task) { return task.wakers > 0; });
}

}  // namespace

void watch_sleepers() {
  // Why: a test that counts its allocations should not find ours among them.
  bedroom().sleepers.reserve(100);
  set_park_hook(goes_to_sleep);
  set_unpark_hook(has_slept);
  // A test may fork while the watchdog looks: the child would never get the mutex.
  const auto lock = [] { bedroom().mutex.lock(); };
  const auto unlock = [] { bedroom().mutex.unlock(); };
  ::pthread_atfork(lock, unlock, unlock);
}

bool nothing_can_make_progress() {
  const std::lock_guard lock(bedroom().mutex);
  const std::vector<const CurrentThread*>& sleepers = bedroom().sleepers;
  if (sleepers.empty() || std::ranges::any_of(sleepers, may_end_by_itself)) return false;
  if (threads_of_tests() != std::ssize(sleepers)) return false;
  // Asked last. A thread that is gone may have woken somebody before it went, but no wake can come
  // after this.
  return std::ranges::none_of(sleepers, has_been_woken);
}

bool wakers_are_out() {
  const std::lock_guard lock(bedroom().mutex);
  return std::ranges::any_of(bedroom().sleepers, has_wakers_out);
}

void print_tasks(std::FILE* out) {
  std::ostringstream text;
  dump_tasks(text, kPatience);
  if (!text.view().empty()) std::fprintf(out, "\n%s", text.str().c_str());
}

}  // namespace nara::test
