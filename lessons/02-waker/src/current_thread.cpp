// The loop that everything runs in.
#include <executors.hpp>
#include <nara/current_thread.hpp>
#include <nara/misuse.hpp>
#include <vector>

namespace nara::inline NARA_BUILD {

using detail::Task;

CurrentThread::CurrentThread() : CurrentThread(std::make_unique<ThreadParker>()) {}

CurrentThread::CurrentThread(std::unique_ptr<Park> park, ExecutorOptions options)
    : options_(std::move(options)),
      park_(std::move(park)),
      services_(options_.services),
      work_(std::make_shared<WorkElsewhere>(*park_)) {
  services_[kSchedulerService] = static_cast<Scheduler*>(this);
  services_[kWorkService] = work_.get();
  park_->provide(services_);
  detail::Executors& all = detail::Executors::get();
  const std::lock_guard lock(all.mutex);
  all.alive.push_back(this);
}

CurrentThread::~CurrentThread() {
  close();
  work_->forget_park();
  detail::Executors& all = detail::Executors::get();
  const std::lock_guard lock(all.mutex);
  std::erase(all.alive, this);
}

void CurrentThread::close() {
  if (is_closing_) return;
  Session session(*this);
  is_closing_ = true;
  for (Task& task : tasks_) task.abort();
  do {
    session.run_until_empty();
  } while (!close_inbox());
  park_->shut_down();
}

/// From now on, nobody looks into the inbox. False when something is in it.
bool CurrentThread::close_inbox() noexcept {
  const std::lock_guard lock(mutex_);
  is_closed_ = inbox_.empty();
  return is_closed_;
}

void CurrentThread::check_may_block() {
  if (Current::runs() == nullptr) return;
  throw Misuse(
      "block_on() was called inside of a task: it would stop the thread that runs all tasks; "
      "co_await the future instead, or spawn() it");
}

CurrentThread::Session::Session(CurrentThread& executor)
    : executor_(executor), here_(executor.services_, executor, executor.counters_) {
  // Acquire: pairs with the release in the destructor, on the thread that ran it before.
  if (executor_.is_driven_.exchange(true, std::memory_order_acquire)) {
    throw Misuse("this executor is running already, on another thread: give it tasks with spawn()");
  }
  executor_.take_inbox();  // What came while nobody ran it is first in the queue.
}

CurrentThread::Session::~Session() { executor_.is_driven_.store(false, std::memory_order_release); }

// [loop]
void CurrentThread::Session::run_until_finished(const AbortHandle& root) {
  CurrentThread& self = executor_;
  while (true) {
    for (int turn = 0; turn < self.options_.event_interval && run_next(); ++turn) {
      if (root.is_finished()) return;
    }
    if (self.has_mail_.load(std::memory_order_relaxed)) self.take_inbox();
    if (!self.queue_.empty()) {
      ++self.counters_.looks;
      self.park_->park(Park::kNow);
    } else if (!self.has_mail_.load(std::memory_order_relaxed)) {
      // If mail comes now, the thread is unparked, and does not sleep.
      self.sleep();
    }
  }
}
// [/loop]

void CurrentThread::sleep() {
  ++counters_.parks;
  struct Unparked {
    const CurrentThread& self;
    ~Unparked() {
      if (const ParkHook hook = detail::unpark_hook.load()) hook(self);
      if (self.options_.on_unpark) self.options_.on_unpark();
    }
  } const unparked{*this};
  if (options_.on_park) options_.on_park();
  if (const ParkHook hook = detail::park_hook.load()) hook(*this);
  park_->park(std::nullopt);
}

/// Lets every task have the turn in which it ends.
void CurrentThread::Session::run_until_empty() {
  while (true) {
    executor_.take_inbox();
    while (run_next()) {
    }
    if (executor_.tasks_.empty()) return;
    // A thread that has just woken a task is about to put it into the inbox.
    executor_.park_->park(std::nullopt);
  }
}

/// Gives the first task in the queue its turn. False when there is none.
bool CurrentThread::Session::run_next() {
  CurrentThread& self = executor_;
  Task* const task = self.queue_.pop();
  if (task == nullptr) return false;
  ++self.counters_.turns;
  self.running_.store(task, std::memory_order_relaxed);
  here_.set_task(task);
  const Task::After after = task->take_turn(here_);
  here_.set_task(nullptr);
  self.running_.store(nullptr, std::memory_order_relaxed);
  if (after == Task::After::kAgain) {
    self.queue_.push(*task);
  } else if (after == Task::After::kEnded) {
    task->unlink();
    task->publish();
  }
  return true;
}

void CurrentThread::adopt(Task& task) noexcept {
  if (Current::runs() == this) {
    take_over(task);
  } else if (!send(task)) {
    cancel(task);
  }
}

/// Nobody runs this executor any more: the task ends here, before it has begun.
void CurrentThread::cancel(Task& task) noexcept {
  Current here(services_);
  task.abort();
  (void)task.take_turn(here);
  task.publish();
}

void CurrentThread::take_over(Task& task) noexcept {
  ++counters_.spawned;
  if (is_closing_) task.abort();
  tasks_.push_back(task);
  queue_.push(task);
}

// [schedule]
void CurrentThread::schedule(Task& task) noexcept {
  if (Current::runs() == this) {
    ++counters_.local_wakes;
    queue_.push(task);
  } else {
    (void)send(task);  // It is open: a task that is alive keeps it so.
  }
}

/// From another thread, or when no thread runs this executor. False when it is closed.
bool CurrentThread::send(Task& task) noexcept {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return false;
  const bool is_first = inbox_.empty();
  inbox_.push(task);
  has_mail_.store(true, std::memory_order_relaxed);
  // Why under the lock: once it is free, the executor may end the task, and be destroyed.
  if (is_first) park_->unpark();
  return true;
}
// [/schedule]

void CurrentThread::take_inbox() {
  std::shared_ptr<Question> question;
  {
    const std::lock_guard lock(mutex_);
    has_mail_.store(false, std::memory_order_relaxed);
    question = std::exchange(question_, nullptr);
    while (Task* task = inbox_.pop()) {
      if (!task->is_linked()) {
        take_over(*task);
      } else {
        ++counters_.remote_wakes;
        queue_.push(*task);
      }
    }
  }
  if (question) answer(*question);
}

}  // namespace nara::inline NARA_BUILD
