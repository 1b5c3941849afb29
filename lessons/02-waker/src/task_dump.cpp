// How one thread gets to see the tasks of another.
#include <algorithm>
#include <condition_variable>
#include <executors.hpp>
#include <iterator>
#include <nara/task_dump.hpp>
#include <unordered_set>

namespace nara::inline NARA_BUILD {

using detail::Task;

struct CurrentThread::Question {
  std::mutex mutex;
  std::condition_variable answered;
  std::optional<std::vector<TaskInfo>> tasks;  ///< Guarded by `mutex`.
};

void CurrentThread::answer(Question& question) const {
  const std::lock_guard lock(question.mutex);
  question.tasks = dump();
  question.answered.notify_one();
}

std::vector<TaskInfo> CurrentThread::dump() const {
  std::unordered_set<const Task*> ready;
  std::vector<const Task*> born;  // Spawned by other threads, and not taken over yet.
  queue_.for_each([&](const Task& task) { ready.insert(&task); });
  {
    const std::lock_guard lock(mutex_);
    inbox_.for_each([&](const Task& task) {
      ready.insert(&task);
      if (!task.is_linked()) born.push_back(&task);
    });
  }
  const Task* const running = running_.load(std::memory_order_relaxed);
  std::vector<TaskInfo> tasks;
  for (const Task& task : tasks_) {
    tasks.push_back(task.info(&task == running        ? TaskInfo::State::kRunning
                              : ready.contains(&task) ? TaskInfo::State::kReady
                                                      : TaskInfo::State::kWaiting));
  }
  for (const Task* task : born) tasks.push_back(task->info(TaskInfo::State::kReady));
  return tasks;
}

void CurrentThread::describe_to(std::ostream& out, std::chrono::milliseconds patience) {
  const auto write = [&](const std::vector<TaskInfo>& tasks) {
    std::ranges::copy(tasks, std::ostream_iterator<TaskInfo>(out));
  };
  if (Current::runs() == this) {
    write(dump());
    return;
  }
  if (!is_driven_.exchange(true, std::memory_order_acquire)) {  // Now nobody else can begin to.
    write(dump());
    is_driven_.store(false, std::memory_order_release);
    return;
  }
  const auto question = std::make_shared<Question>();
  {
    const std::lock_guard lock(mutex_);
    question_ = question;
    has_mail_.store(true, std::memory_order_relaxed);
    park_->unpark();
  }
  std::unique_lock lock(question->mutex);
  if (question->answered.wait_for(lock, patience, [&] { return question->tasks.has_value(); })) {
    write(*question->tasks);
  } else if (const Task* task = running_.load(std::memory_order_relaxed)) {
    // Safe because: it has been running for all this time, and what is read of it never changes.
    out << task->info(TaskInfo::State::kRunning);
  }
}

void dump_tasks(std::ostream& out, std::chrono::milliseconds patience) {
  detail::Executors& all = detail::Executors::get();
  const std::lock_guard lock(all.mutex);
  for (CurrentThread* executor : all.alive) executor->describe_to(out, patience);
}

ParkHook set_park_hook(ParkHook hook) noexcept { return detail::park_hook.exchange(hook); }
ParkHook set_unpark_hook(ParkHook hook) noexcept { return detail::unpark_hook.exchange(hook); }

}  // namespace nara::inline NARA_BUILD
