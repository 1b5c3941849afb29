// Waiting until all tasks of a kind have ended, without keeping any of them.
//
//   tracker.spawn(…)  tracker.spawn(…)  …       count   1   2   3   2   3   2   1   0
//   tracker.close()                             closed              │
//   co_await tracker.wait()                                         └ yes ─────────► ready
//
// A JoinSet keeps each task that has ended until somebody asks for its value. A tracker only
// counts: a server may use one for years.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <memory>
#include <nara/context.hpp>
#include <nara/detail/borrowed.hpp>
#include <nara/detail/not_moved.hpp>
#include <nara/detail/permits.hpp>
#include <nara/future.hpp>
#include <nara/poll.hpp>
#include <nara/spawn.hpp>
#include <nara/trace.hpp>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD {

class TaskTracker;

namespace detail {

/// How many are tracked, and whether that is to be waited for. Any thread.
class TrackedCount {
 public:
  /// Acquire, here and below: pairs with the release of those who leave, and of `close()`.
  std::size_t word() const noexcept { return word_.load(std::memory_order_acquire); }
  std::size_t size() const noexcept { return word() >> 1; }
  bool is_closed() const noexcept { return (word() & kClosed) != 0; }
  bool is_done() const noexcept { return word() == kClosed; }

  void enter() noexcept { word_.fetch_add(kOne, std::memory_order_relaxed); }

  void leave() noexcept {
    const std::size_t before = word_.fetch_sub(kOne, std::memory_order_acq_rel);
    if (before == (kOne | kClosed)) done_.dismiss_all();
  }

  /// False when it was closed already.
  bool close() noexcept {
    const std::size_t before = word_.fetch_or(kClosed, std::memory_order_acq_rel);
    if (before == 0) done_.dismiss_all();
    return (before & kClosed) == 0;
  }

  /// False when it was open already.
  bool reopen() noexcept {
    return (word_.fetch_and(~kClosed, std::memory_order_acq_rel) & kClosed) != 0;
  }

  /// Changes each time that it gets closed and empty.
  Permits& done() noexcept { return done_; }

 private:
  static constexpr std::size_t kClosed = 1;
  static constexpr std::size_t kOne = 2;  ///< The bits above the lowest are the count.

  std::atomic<std::size_t> word_ = 0;
  Permits done_{0};
};

}  // namespace detail

/// Counts as a task of a tracker until it is destroyed. Made by `TaskTracker::token()`.
///
/// Thread safety: any thread. Mirrors `tokio_util::task::task_tracker::TaskTrackerToken`.
class [[nodiscard("destroying it ends what is tracked")]] TaskTrackerToken {
 public:
  TaskTrackerToken(TaskTrackerToken&& other) noexcept = default;
  TaskTrackerToken& operator=(TaskTrackerToken other) noexcept {
    std::swap(count_, other.count_);
    return *this;
  }
  ~TaskTrackerToken() {
    if (count_ != nullptr) count_->leave();
  }

 private:
  friend TaskTracker;

  explicit TaskTrackerToken(std::shared_ptr<detail::TrackedCount> count) noexcept
      : count_(std::move(count)) {
    count_->enter();
  }

  std::shared_ptr<detail::TrackedCount> count_;
};

/// A future that counts as a task until it is destroyed. Made by `TaskTracker::track_future()`.
template <Future F>
class [[nodiscard]] TrackedFuture {
 public:
  using Output = OutputOf<F>;

  TrackedFuture(TaskTrackerToken token, F future)
      : token_(std::move(token)), future_(std::move(future)) {}

  /// What the future answers.
  Poll<Output> poll(Context& context) { return future_.poll(context); }

  void describe(Trace& trace) const { detail::describe(future_, trace); }

 private:
  TaskTrackerToken token_;  // The first: it goes when the future has gone.
  F future_;
};

namespace detail {

/// A function that is called for a task of a tracker. What it has captured goes before the token.
template <class F>
struct TrackedFunction {
  TaskTrackerToken token;
  F function;

  template <class... Arguments>
    requires std::invocable<F&, Arguments...>
  auto operator()(Arguments&&... arguments) {
    return function(std::forward<Arguments>(arguments)...);
  }
};

}  // namespace detail

/// Ready when a tracker is closed and empty. Made by `TaskTracker::wait()`.
class [[nodiscard]] TaskTrackerWait {
 public:
  using Output = void;
  static constexpr std::string_view kWaitsFor = "TaskTracker::wait()";

  explicit TaskTrackerWait(detail::TrackedCount& count) noexcept
      : waiter_(count.done(), 1), was_done_(count.is_done()) {}

  /// Takes one unit of the budget when it is ready. Throws `Misuse` after that.
  Poll<void> poll(Context& context) {
    using enum detail::PermitWaiter::Answer;
    if (is_over_) detail::PermitWaiter::throw_done(kWaitsFor);
    if (!was_done_ && waiter_.ask(context.waker()) == kWait) return kPending;
    if (!context.spend()) {
      context.yield();
      return kPending;
    }
    is_over_ = true;
    return kReady;
  }

 private:
  detail::PermitWaiter waiter_;  // The first: it listens before we look.
  bool was_done_;
  bool is_over_ = false;
};

/// Counts tasks, and waits until all have ended. Together with a `CancellationToken`, which asks
/// them to end, it is how a program shuts down in order.
///
/// Thread safety: any thread, also outside of a runtime, but for `spawn()`. One that was moved from
/// throws `Misuse` when it is used. Mirrors `tokio_util::task::TaskTracker`.
class TaskTracker {
 public:
  /// Open, and empty.
  TaskTracker() : count_(std::make_shared<detail::TrackedCount>()) {}

  /// Spawns a task, like `nara::spawn()`, and tracks it: until its future and what was spawned with
  /// it is destroyed. Also when the tracker is closed. Mirrors
  /// `tokio_util::task::TaskTracker::spawn`.
  template <class F>
    requires detail::Spawnable<std::decay_t<F>>
  auto spawn(F&& future, std::source_location where = std::source_location::current()) const {
    return nara::spawn(tracked(std::forward<F>(future)), where);
  }
  template <class F, class First, class... Rest>
    requires FutureFunction<F, First, Rest...>
  auto spawn(F&& function, First&& first, Rest&&... rest) const {
    return nara::spawn(tracked(std::forward<F>(function)), std::forward<First>(first),
                       std::forward<Rest>(rest)...);
  }

  /// The same, in another runtime: `runtime` is a `Runtime`, a `Handle`, or an executor. Mirrors
  /// `tokio_util::task::TaskTracker::spawn_on`.
  template <class Other, class F>
    requires detail::Spawnable<std::decay_t<F>>
  auto spawn_on(Other&& runtime, F&& future,
                std::source_location where = std::source_location::current()) const {
    return runtime.spawn(tracked(std::forward<F>(future)), where);
  }
  template <class Other, class F, class First, class... Rest>
    requires FutureFunction<F, First, Rest...>
  auto spawn_on(Other&& runtime, F&& function, First&& first, Rest&&... rest) const {
    return runtime.spawn(tracked(std::forward<F>(function)), std::forward<First>(first),
                         std::forward<Rest>(rest)...);
  }

  /// The same future, which counts as a task until it is destroyed: that it is ready is not enough.
  /// One that is given by its name stays the caller's. Cancel safety: that of the future. Mirrors
  /// `tokio_util::task::TaskTracker::track_future`.
  template <class F>
    requires Future<F>
  auto track_future(F&& future) const {
    using Kept = detail::Kept<F>;
    return TrackedFuture<Kept>(token(), Kept(std::forward<F>(future)));
  }

  /// Counts as a task until it is destroyed: for what is not a future. Mirrors
  /// `tokio_util::task::TaskTracker::token`.
  TaskTrackerToken token() const {
    (void)count();
    return TaskTrackerToken(count_);
  }

  /// Waits until the tracker is closed and empty. Also ready when it was both at some moment after
  /// this call, and is not any more. The tracker must outlive the wait. Cancel safe. Mirrors
  /// `tokio_util::task::TaskTracker::wait`.
  TaskTrackerWait wait() const { return TaskTrackerWait(count()); }

  /// Lets `wait()` be ready once it is empty. It can still spawn. False when it was closed before.
  /// Mirrors `tokio_util::task::TaskTracker::close`.
  bool close() const { return count().close(); }

  /// Keeps `wait()` from being ready, also when it is empty. False when it was open before. Mirrors
  /// `tokio_util::task::TaskTracker::reopen`.
  bool reopen() const { return count().reopen(); }

  bool is_closed() const { return count().is_closed(); }

  /// How many tasks, futures and tokens there are.
  std::size_t size() const { return count().size(); }
  bool is_empty() const { return size() == 0; }

  /// The same tracker once more.
  TaskTracker clone() const {
    (void)count();
    return TaskTracker(count_);
  }

 private:
  explicit TaskTracker(std::shared_ptr<detail::TrackedCount> count) noexcept
      : count_(std::move(count)) {}

  template <class F>
  auto tracked(F&& body) const {
    using Body = std::decay_t<F>;
    if constexpr (Future<Body>) {
      return TrackedFuture<Body>(token(), std::forward<F>(body));
    } else {
      return detail::TrackedFunction<Body>{token(), std::forward<F>(body)};
    }
  }

  detail::TrackedCount& count() const { return detail::not_moved(count_, "a TaskTracker"); }

  std::shared_ptr<detail::TrackedCount> count_;
};

}  // namespace nara::inline NARA_BUILD
