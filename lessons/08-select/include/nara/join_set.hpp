// Tasks that belong together.
#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <nara/abort_on_drop.hpp>
#include <nara/async.hpp>
#include <nara/context.hpp>
#include <nara/detail/join_list.hpp>
#include <nara/join_error.hpp>
#include <nara/join_handle.hpp>
#include <nara/poll.hpp>
#include <nara/spawn.hpp>
#include <nara/waker.hpp>
#include <optional>
#include <source_location>
#include <stdexcept>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace nara::inline NARA_BUILD {

template <class T>
class JoinNext;

/// A set of tasks that give a `T` each. Destroying it aborts all that still run.
///
/// Thread safety: one thread at a time; its tasks may run anywhere. It can be moved while nobody
/// waits for it; one that was moved from is empty. Mirrors `tokio::task::JoinSet`.
template <class T>
class JoinSet {
 public:
  JoinSet() noexcept = default;
  JoinSet(JoinSet&& other) noexcept
      : list_(std::move(other.list_)), size_(std::exchange(other.size_, 0)) {}
  JoinSet& operator=(JoinSet&& other) noexcept {
    JoinSet taken(std::move(other));
    std::swap(list_, taken.list_);
    std::swap(size_, taken.size_);
    return *this;
  }
  ~JoinSet() {
    abort_all();
    detach_all();
  }

  /// Spawns a task, like `nara::spawn()`, and adds it to the set.
  template <class F>
    requires detail::Spawnable<std::decay_t<F>>
  AbortHandle spawn(F&& future, std::source_location where = std::source_location::current()) {
    return add(nara::spawn(std::forward<F>(future), where));
  }
  template <class F, class First, class... Rest>
    requires FutureFunction<F, First, Rest...>
  AbortHandle spawn(F&& function, First&& first, Rest&&... rest) {
    return add(nara::spawn(std::forward<F>(function), std::forward<First>(first),
                           std::forward<Rest>(rest)...));
  }

  /// The same, in another runtime: `runtime` is a `Runtime`, a `Handle`, or an executor.
  template <class Other, class F>
    requires detail::Spawnable<std::decay_t<F>>
  AbortHandle spawn_on(Other&& runtime, F&& future,
                       std::source_location where = std::source_location::current()) {
    return add(runtime.spawn(std::forward<F>(future), where));
  }
  template <class Other, class F, class First, class... Rest>
    requires FutureFunction<F, First, Rest...>
  AbortHandle spawn_on(Other&& runtime, F&& function, First&& first, Rest&&... rest) {
    return add(runtime.spawn(std::forward<F>(function), std::forward<First>(first),
                             std::forward<Rest>(rest)...));
  }

  /// Adds a task that runs already. Throws `std::bad_alloc`, and then the task is aborted.
  AbortHandle add(JoinHandle<T> task);

  /// How many tasks it has: those that run, and those that have ended and were not given out yet.
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

  /// Waits until a task has ended, and gives what it ended with: the one that ended first comes
  /// first. Gives nothing when the set is empty. Only one may wait at a time.
  ///
  /// Cancel safe: a task is taken out of the set when its outcome is given, not before.
  JoinNext<T> join_next() noexcept { return JoinNext<T>(*this); }
  Poll<std::optional<TaskResult<T>>> poll_join_next(Context& context);

  /// The same without waiting: nothing when no task has ended.
  std::optional<TaskResult<T>> try_join_next();

  /// Asks all tasks to end. They stay in the set, and `join_next()` says that they were cancelled.
  void abort_all() noexcept {
    if (!empty()) list_->abort_all();
  }

  /// Aborts all tasks, and waits until their futures are destroyed. Then the set is empty.
  ///
  /// Cancel safety: the tasks are aborted by then; those whose end was not seen stay in the set.
  Async<> shutdown();

  /// The set is empty, and the tasks run on by themselves.
  void detach_all() noexcept {
    while (!empty()) let_go(*list_->pop());
  }

  /// Waits for all tasks, and gives their values, the first that ended first. Throws what a task
  /// throws, and `std::runtime_error` when one was cancelled: then the others are aborted.
  ///
  /// Cancel safety: once it was polled, the tasks belong to it: destroying it aborts them.
  Async<std::conditional_t<std::is_void_v<T>, void, std::vector<T>>> join_all() &&;

 private:
  friend JoinNext<T>;

  struct Member final : detail::JoinMember {
    Member(std::shared_ptr<detail::JoinList> list, AbortOnDrop<T>& task) noexcept
        : JoinMember(std::move(list), task.abort_handle()), handle(std::move(task).detach()) {}

    JoinHandle<T> handle;
    std::optional<TaskResult<T>> early;  ///< What it ended with, if that was before it was added.
  };

  static std::optional<TaskResult<T>> outcome(Member& member);
  void let_go(detail::JoinMember& member) noexcept;

  void stop_waiting() noexcept {
    if (list_ != nullptr) list_->stop_waiting();
  }

  std::shared_ptr<detail::JoinList> list_;  ///< There is one if there are tasks.
  std::size_t size_ = 0;
};

/// Ready when a task has ended. Made by `JoinSet::join_next()`.
template <class T>
class [[nodiscard]] JoinNext {
 public:
  using Output = std::optional<TaskResult<T>>;
  static constexpr std::string_view kWaitsFor = "JoinSet::join_next()";

  explicit JoinNext(JoinSet<T>& set) noexcept : set_(&set) {}
  JoinNext(JoinNext&& other) noexcept
      : set_(other.set_), is_waiting_(std::exchange(other.is_waiting_, false)) {}
  JoinNext& operator=(JoinNext&&) = delete;
  ~JoinNext() {
    if (is_waiting_) set_->stop_waiting();
  }

  /// Ready with what a task ended with, or with nothing if the set is empty.
  Poll<Output> poll(Context& context) {
    Poll<Output> answer = set_->poll_join_next(context);
    is_waiting_ = answer.is_pending();
    return answer;
  }

 private:
  JoinSet<T>* set_;
  bool is_waiting_ = false;
};

// [add]
template <class T>
AbortHandle JoinSet<T>::add(JoinHandle<T> task) {
  AbortOnDrop<T> unless_added(std::move(task));
  if (list_ == nullptr) list_ = std::make_shared<detail::JoinList>();
  auto* const member = new Member(list_, unless_added);
  list_->add(*member);
  ++size_;
  // From now on, the end of the task wakes the member.
  const Waker waker = member->waker();
  Context context(waker);
  Poll<TaskResult<T>> answer = member->handle.poll(context);
  if (answer.is_ready()) {
    member->early.emplace(std::move(answer).value());
    waker.wake_by_ref();
  }
  return member->task();
}
// [/add]

template <class T>
Poll<std::optional<TaskResult<T>>> JoinSet<T>::poll_join_next(Context& context) {
  if (!empty()) {
    if (!list_->wait(context.waker())) return kPending;
    if (!context.spend()) {
      context.yield();
      return kPending;
    }
  }
  return try_join_next();
}

template <class T>
std::optional<TaskResult<T>> JoinSet<T>::try_join_next() {
  if (empty()) return std::nullopt;
  detail::JoinMember* const member = list_->pop_ended();
  if (member == nullptr) return std::nullopt;
  std::optional<TaskResult<T>> result = outcome(static_cast<Member&>(*member));
  let_go(*member);
  return result;
}

/// What a task that has ended gives.
template <class T>
std::optional<TaskResult<T>> JoinSet<T>::outcome(Member& member) {
  if (member.early) return std::move(member.early);
  const Waker nobody = Waker::noop();
  Context context(nobody);
  return member.handle.poll(context).value();
}

/// It is in no list any more. Wakers may refer to it for longer.
template <class T>
void JoinSet<T>::let_go(detail::JoinMember& member) noexcept {
  --size_;
  // The task and its handle may refer to each other: this ends it.
  const JoinHandle<T> last = std::move(static_cast<Member&>(member).handle);
  member.drop_reference();
}

template <class T>
Async<> JoinSet<T>::shutdown() {
  abort_all();
  while (!empty()) {
    const auto ended = co_await join_next();
  }
}

template <class T>
Async<std::conditional_t<std::is_void_v<T>, void, std::vector<T>>> JoinSet<T>::join_all() && {
  JoinSet set = std::move(*this);
  std::conditional_t<std::is_void_v<T>, bool, std::vector<T>> values{};
  while (!set.empty()) {
    std::optional<TaskResult<T>> ended = co_await set.join_next();
    TaskResult<T>& result = *ended;
    if (!result) {
      if (result.error().is_panic()) std::rethrow_exception(std::move(result.error()).into_panic());
      throw std::runtime_error(result.error().message());
    }
    if constexpr (!std::is_void_v<T>) values.push_back(*std::move(result));
  }
  if constexpr (!std::is_void_v<T>) co_return values;
}

}  // namespace nara::inline NARA_BUILD
