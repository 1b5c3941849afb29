// How a future becomes a task, which runs by itself.
#pragma once

#include <concepts>
#include <nara/current.hpp>
#include <nara/detail/borrowed.hpp>
#include <nara/detail/task_cell.hpp>
#include <nara/future.hpp>
#include <nara/join_handle.hpp>
#include <nara/scheduler.hpp>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD {

/// A function that returns a future: a coroutine, most often.
template <class F, class... Arguments>
concept FutureFunction = std::invocable<std::decay_t<F>&, std::decay_t<Arguments>...> &&
                         Future<std::invoke_result_t<std::decay_t<F>&, std::decay_t<Arguments>...>>;

namespace detail {

/// Makes a task and gives it to its scheduler.
template <class Cell, class... Arguments>
auto start(Scheduler& scheduler, std::source_location spawned_at, Arguments&&... arguments) {
  auto* const task = new Cell(scheduler, spawned_at, std::forward<Arguments>(arguments)...);
  JoinHandle<typename Cell::Output> handle(*task);
  scheduler.adopt(*task);
  return handle;
}

/// What can be spawned without arguments: a future, or a function that returns one.
template <class F>
concept Spawnable = Future<F> || FutureFunction<F>;

template <class F>
struct BodyOf {
  using Type = Call<F>;
};
template <Future F>
struct BodyOf<F> {
  using Type = F;
};

/// What `block_on()` runs: the same, but a future that is given by its name stays the caller's.
template <class F>
struct RootOf : BodyOf<std::decay_t<F>> {};
template <Future F>
struct RootOf<F&> {
  using Type = Borrowed<F>;
};

inline Scheduler& scheduler_here(const char* what) {
  return *static_cast<Scheduler*>(Current::service(kSchedulerService, what));
}

}  // namespace detail

/// Runs `future` as a task of the runtime on this thread, beside the one that spawns it. Given a
/// function that returns a future, moves it into the task and calls it there, so that what a lambda
/// has captured lives as long as the task.
///
/// Nothing runs before the caller waits or ends. Destroying the handle lets the task run on; it is
/// cancelled when its executor is destroyed. Throws `Misuse` outside of a runtime,
/// `std::bad_alloc`, and what the function throws; then there is no task. Thread safety: any thread
/// that is in a runtime. Mirrors `tokio::spawn`.
// [spawn]
template <class F>
  requires detail::Spawnable<std::decay_t<F>>
auto spawn(F&& future, std::source_location where = std::source_location::current()) {
  Scheduler& scheduler = detail::scheduler_here("spawn()");
  using Body = detail::BodyOf<std::decay_t<F>>::Type;
  return detail::start<detail::TaskCell<Body>>(scheduler, where, std::forward<F>(future));
}
// [/spawn]

/// The same for `function(arguments...)`. The arguments are copied or moved into the task first and
/// handed to the function as rvalues: there is no reference to anything outside.
template <class F, class First, class... Rest>
  requires FutureFunction<F, First, Rest...>
auto spawn(F&& function, First&& first, Rest&&... rest) {
  Scheduler& scheduler = detail::scheduler_here("spawn()");
  using Body = detail::Call<std::decay_t<F>, std::decay_t<First>, std::decay_t<Rest>...>;
  return detail::start<detail::TaskCell<Body>>(
      scheduler, std::source_location(), std::forward<F>(function), std::forward<First>(first),
      std::forward<Rest>(rest)...);
}

/// Spawns tasks that reports call by a name: `TaskBuilder().name("writer").spawn(write())`.
/// Mirrors `tokio::task::Builder`.
class TaskBuilder {
 public:
  /// The name is copied when a task is spawned.
  TaskBuilder& name(std::string_view name) noexcept {
    name_ = name;
    return *this;
  }

  /// Like the free `spawn()`.
  template <class F>
    requires detail::Spawnable<std::decay_t<F>>
  auto spawn(F&& future, std::source_location where = std::source_location::current()) const {
    Scheduler& scheduler = detail::scheduler_here("TaskBuilder::spawn()");
    using Body = detail::BodyOf<std::decay_t<F>>::Type;
    return detail::start<detail::NamedTaskCell<Body>>(scheduler, where, name_,
                                                      std::forward<F>(future));
  }

 private:
  std::string_view name_;
};

}  // namespace nara::inline NARA_BUILD
