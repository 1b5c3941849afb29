// Finds out that nothing can make progress any more.
#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <memory>
#include <mutex>
#include <nara/task_dump.hpp>
#include <sstream>
#include <testkit/tasks.hpp>
#include <vector>

namespace nara::test {

void end_at_forgotten_tasks();

namespace {

/// A thread that sleeps in an executor, because it has nothing to do.
struct Sleeper {
  pid_t thread;
  const CurrentThread* executor;
};

struct Watch {
  /// Who holds it keeps the sleepers where they are: they cannot wake up, nor can their executors go
  /// away, before they are struck off the list.
  std::mutex mutex;
  std::vector<Sleeper> sleepers;        ///< Guarded by `mutex`.
  std::vector<pid_t> bystanders;  ///< Threads that never wake anybody.
};

Watch& watch() {
  static auto* const watch = new Watch();
  return *watch;
}

void falls_asleep(const CurrentThread& executor) {
  const std::lock_guard lock(watch().mutex);
  watch().sleepers.push_back({::gettid(), &executor});
}

void is_awake(const CurrentThread& executor) {
  const std::lock_guard lock(watch().mutex);
  std::erase_if(watch().sleepers, [&](const Sleeper& sleeper) { return sleeper.executor == &executor; });
}

/// All threads of this process. Empty when the kernel does not tell.
std::vector<pid_t> threads() {
  std::vector<pid_t> threads;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/task"), ::closedir);
  if (!folder) return threads;
  while (const dirent* entry = ::readdir(folder.get())) {
    pid_t thread = 0;
    std::from_chars(entry->d_name, entry->d_name + std::strlen(entry->d_name), thread);
    if (thread != 0) threads.push_back(thread);
  }
  return threads;
}

bool only_a_thread_can_wake(const Sleeper& sleeper) {
  // The kernel may wake a driver, and a clock may. What they are going to do, nobody knows.
  return !sleeper.executor->parker().may_end_by_itself();
}

bool has_been_woken(const Sleeper& sleeper) {
  return !std::ranges::all_of(sleeper.executor->dump(), [](const TaskInfo& task) {
    return task.state == TaskInfo::State::kWaiting;
  });
}

}  // namespace

void watch_tasks() {
  end_at_forgotten_tasks();
  set_park_hook(falls_asleep);
  set_unpark_hook(is_awake);
}

void ignore_other_threads() {
  watch().bystanders = threads();
  std::erase(watch().bystanders, ::gettid());
}

bool nothing_can_make_progress() {
  const std::lock_guard lock(watch().mutex);
  const std::vector<Sleeper>& sleepers = watch().sleepers;
  if (sleepers.empty() || !std::ranges::all_of(sleepers, only_a_thread_can_wake)) return false;
  const auto may_wake = [&](pid_t thread) {
    return std::ranges::find(sleepers, thread, &Sleeper::thread) == sleepers.end() &&
           std::ranges::find(watch().bystanders, thread) == watch().bystanders.end();
  };
  const std::vector<pid_t> all = threads();
  if (all.empty() || std::ranges::any_of(all, may_wake)) return false;
  // In this order: a wake that a thread has sent before it ended has arrived by now.
  return std::ranges::none_of(sleepers, has_been_woken);
}

void print_tasks(std::FILE* out) {
  std::ostringstream text;
  dump_tasks(text, std::chrono::milliseconds(200));
  if (!text.view().empty()) std::fprintf(out, "\n%s", text.str().c_str());
}

}  // namespace nara::test
