// The executor: runs tasks, one after the other, on the thread that calls block_on().
//
//      spawn(), wake() on this thread          wake() on another thread
//                    │                                    │
//                    ▼                                    ▼
//              ┌───────────┐   take_inbox()         ┌───────────┐
//              │ run queue │◄───────────────────────│   inbox   │  (a mutex)
//              └─────┬─────┘                        └─────┬─────┘
//                    │ pop                                │ unpark()
//                    ▼                                    ▼
//              one turn: poll                       park(), when the queue is empty
#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <nara/counters.hpp>
#include <nara/current.hpp>
#include <nara/detail/task_queue.hpp>
#include <nara/frame_pool.hpp>
#include <nara/intrusive_list.hpp>
#include <nara/park.hpp>
#include <nara/scheduler.hpp>
#include <nara/spawn.hpp>
#include <nara/task_info.hpp>
#include <nara/work_elsewhere.hpp>
#include <optional>
#include <ostream>
#include <source_location>
#include <type_traits>
#include <utility>
#include <vector>

namespace nara::inline NARA_BUILD {

/// What an executor may be told.
struct ExecutorOptions {
  /// After how many turns of tasks it looks at its drivers while it is busy. Tokio's figure.
  int event_interval = 61;

  /// Called by its thread when it has nothing to do, before it sleeps, and when it has slept. They
  /// must not throw.
  std::function<void()> on_park = nullptr;
  std::function<void()> on_unpark = nullptr;

  /// What it offers to tasks besides itself and its drivers.
  Services services{};
};

/// Runs tasks on one thread: that of `block_on()`, for as long as that runs. In between, tasks stay
/// as they are.
///
/// Destroying it destroys the futures of all its tasks, before the destructor returns; their join
/// handles then say "cancelled". What destructors spawn meanwhile is cancelled before it begins.
///
/// Thread safety: `block_on` on one thread at a time; `spawn` and `enter` on any; the destructor
/// on any, when nobody is inside. Mirrors Tokio's current-thread runtime.
class CurrentThread final : private Scheduler {
 public:
  /// An executor that sleeps on a condition variable.
  CurrentThread();

  /// An executor that sleeps in `park`.
  explicit CurrentThread(std::unique_ptr<Park> park, ExecutorOptions options = {});

  CurrentThread(const CurrentThread&) = delete;
  CurrentThread& operator=(const CurrentThread&) = delete;
  ~CurrentThread();

  /// Runs `future` on this thread until it is ready, and all tasks beside it, and returns its value
  /// or throws what it threw. `future` may also be a function that returns one, or the name of a
  /// future that the caller keeps. Tasks that are not finished by then stay, for the next
  /// `block_on`.
  ///
  /// Throws `Misuse` inside of a task, where it would stop the thread that all tasks run on, and
  /// while another thread is in it. Mirrors `tokio::runtime::Runtime::block_on`.
  template <class F>
    requires detail::Spawnable<std::decay_t<F>>
  auto block_on(F&& future, std::source_location where = std::source_location::current()) {
    check_may_block();
    Session session(*this);
    using Body = detail::RootOf<F>::Type;
    return session.run(detail::start<detail::NamedTaskCell<Body>>(*this, where, "block_on",
                                                                  std::forward<F>(future)));
  }

  /// Like the free `spawn()`, into this executor, from any thread.
  template <class F>
    requires detail::Spawnable<std::decay_t<F>>
  auto spawn(F&& future, std::source_location where = std::source_location::current()) {
    const Current inside = enter();
    return nara::spawn(std::forward<F>(future), where);
  }
  template <class F, class First, class... Rest>
    requires FutureFunction<F, First, Rest...>
  auto spawn(F&& function, First&& first, Rest&&... rest) {
    const Current inside = enter();
    return nara::spawn(std::forward<F>(function), std::forward<First>(first),
                       std::forward<Rest>(rest)...);
  }

  /// While the guard lives, this thread is inside: `spawn()` and the like go to this executor. Keep
  /// it in a scope, and not across a `co_await`. Mirrors `tokio::runtime::Runtime::enter`.
  Current enter() noexcept { return Current(services_); }

  /// Destroys the futures of all its tasks, and shuts down its drivers. From then on, what is
  /// spawned is cancelled before it begins. The destructor does this, too. Nobody may be inside.
  void close();

  /// What other threads do for it.
  WorkElsewhere& work_elsewhere() const noexcept { return *work_; }

  /// What it has done so far. For the thread that runs it, or when none does.
  const Counters& counters() const noexcept { return counters_; }

  /// What it sleeps in.
  const Park& parker() const noexcept { return *park_; }

  /// All its tasks, in the order in which they were spawned. For the thread that runs it, or when
  /// none does.
  std::vector<TaskInfo> dump() const;

 private:
  friend void dump_tasks(std::ostream&, std::chrono::milliseconds);

  /// While it lives, this thread runs the executor. Throws `Misuse` when another one does.
  class Session {
   public:
    explicit Session(CurrentThread& executor);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    /// Runs tasks until this one has ended, and returns or throws what it ended with.
    template <class T>
    T run(JoinHandle<T> root);

    void run_until_finished(const AbortHandle& root);
    void run_until_empty();

   private:
    bool run_next();

    CurrentThread& executor_;
    Current here_;
    FramePool pool_;
  };

  /// A question of another thread for `dump()`.
  struct Question;

  static void check_may_block();
  void adopt(detail::Task& task) noexcept override;
  void schedule(detail::Task& task) noexcept override;
  void take_over(detail::Task& task) noexcept;
  bool send(detail::Task& task) noexcept;
  void cancel(detail::Task& task) noexcept;
  bool close_inbox() noexcept;
  void take_inbox();
  void sleep();
  void answer(Question& question) const;
  void describe_to(std::ostream& out, std::chrono::milliseconds patience);

  // For the thread that runs it.
  detail::TaskQueue queue_;
  IntrusiveList<detail::Task> tasks_;  ///< All that have not ended.
  Counters counters_;
  bool is_closing_ = false;  ///< No task is to begin any more.

  // For all.
  const ExecutorOptions options_;
  const std::unique_ptr<Park> park_;
  Services services_;
  const std::shared_ptr<WorkElsewhere> work_;
  std::atomic<bool> is_driven_ = false;           ///< A thread runs it.
  std::atomic<detail::Task*> running_ = nullptr;  ///< Has its turn.

  mutable std::mutex mutex_;
  std::atomic<bool> has_mail_ = false;  ///< Hint: `inbox_` or `question_` are not empty.
  detail::TaskQueue inbox_;             ///< Guarded by `mutex_`.
  bool is_closed_ = false;              ///< Nobody looks into the inbox. Guarded by `mutex_`.
  std::shared_ptr<Question> question_;  ///< Guarded by `mutex_`.
};

/// Runs `future` on an executor made for it, and returns its value. See `CurrentThread::block_on`.
template <class F>
  requires detail::Spawnable<std::decay_t<F>>
auto block_on(F&& future, std::source_location where = std::source_location::current()) {
  CurrentThread executor;
  return executor.block_on(std::forward<F>(future), where);
}

template <class T>
T CurrentThread::Session::run(JoinHandle<T> root) {
  run_until_finished(root.abort_handle());
  const Waker nobody = Waker::noop();
  Context context(nobody);
  TaskResult<T> result = root.poll(context).value();
  if (!result) std::rethrow_exception(std::move(result).error().into_panic());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace nara::inline NARA_BUILD
