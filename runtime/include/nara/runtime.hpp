// The layers, put together: an executor, a reactor and a clock that know each other.
//
//   Runtime ── owns ──► CurrentThread        (02: runs the tasks)
//                            │ sleeps in
//                            ▼
//                       TimeDriver           (04: whose time has come?)
//                            │ sleeps in
//                            ▼
//                       EpollDriver          (03: what is ready?)
//
//   Handle ─── shares it, and may live longer: then everything is cancelled at once
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <nara/current.hpp>
#include <nara/current_thread.hpp>
#include <nara/io/result.hpp>
#include <nara/park.hpp>
#include <nara/random.hpp>
#include <nara/spawn.hpp>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD {

/// The place of the `detail::RuntimeCore` among the services of a runtime.
inline constexpr std::size_t kRuntimeService = 5;

namespace detail {

/// What a runtime and its handles share.
class RuntimeCore : public std::enable_shared_from_this<RuntimeCore> {
 public:
  RuntimeCore(std::unique_ptr<Park> park, ExecutorOptions options, std::uint64_t seed)
      : random(seed), executor(std::move(park), offer(std::move(options))) {}

  Random random;
  CurrentThread executor;

 private:
  ExecutorOptions offer(ExecutorOptions options) noexcept {
    options.services[kRuntimeService] = this;
    options.services[kRandomService] = &random;
    return options;
  }
};

}  // namespace detail

/// A runtime, from outside: what tasks and threads that do not own it can do with it. A cheap copy.
/// One that was moved from can do nothing any more: to use it is a `Misuse`.
///
/// Thread safety: all functions, any thread. Mirrors `tokio::runtime::Handle`.
class Handle {
 public:
  /// That of the current runtime. Throws `Misuse` when there is none, or it was not made by
  /// `Runtime::Builder`. Mirrors `tokio::runtime::Handle::current`.
  static Handle current();

  /// Spawns a task in the runtime. Like `nara::spawn`. When the runtime is gone, the join handle
  /// says "cancelled" at once.
  template <class F>
    requires detail::Spawnable<std::decay_t<F>>
  auto spawn(F&& future, std::source_location where = std::source_location::current()) const {
    return executor().spawn(std::forward<F>(future), where);
  }
  template <class F, class First, class... Rest>
    requires FutureFunction<F, First, Rest...>
  auto spawn(F&& function, First&& first, Rest&&... rest) const {
    return executor().spawn(std::forward<F>(function), std::forward<First>(first),
                            std::forward<Rest>(rest)...);
  }

  /// While the guard lives, this thread is inside of the runtime: what it spawns, opens and waits
  /// for belongs to it. Keep the handle for as long, and the guard in a scope without a `co_await`.
  Current enter() const { return executor().enter(); }

 private:
  friend class Runtime;

  explicit Handle(std::shared_ptr<detail::RuntimeCore> core) noexcept : core_(std::move(core)) {}

  CurrentThread& executor() const {
    if (core_ == nullptr) throw_empty();
    return core_->executor;
  }
  [[noreturn, gnu::cold]] static void throw_empty();

  std::shared_ptr<detail::RuntimeCore> core_;
};

/// An executor with its drivers.
///
/// Destroying it destroys the futures of all its tasks, and waits for the jobs that
/// `run_blocking()` has begun for it. Not inside of a task, where that would stop a thread that
/// runs tasks: there it throws `Misuse`; use `shutdown_background()`. (In a `std::unique_ptr` or a
/// `std::optional`, whose destructors must not throw, the same misuse ends the program.) One that
/// was moved from or shut down can only be destroyed: all else is a `Misuse`.
///
/// Thread safety: `block_on` on one thread at a time; the rest as `Handle` says. Mirrors
/// `tokio::runtime::Runtime`.
class Runtime {
 public:
  class Builder;

  /// A runtime with everything enabled. `EMFILE` when there are no descriptors left. Mirrors
  /// `tokio::runtime::Runtime::new`, on one thread.
  static io::Result<Runtime> create();

  Runtime(Runtime&& other) noexcept = default;
  Runtime& operator=(Runtime&& other) noexcept = delete;
  ~Runtime() noexcept(false);

  /// Runs `future`, and all tasks beside it, until it is ready. See `CurrentThread::block_on`.
  template <class F>
    requires detail::Spawnable<std::decay_t<F>>
  auto block_on(F&& future, std::source_location where = std::source_location::current()) {
    return executor().block_on(std::forward<F>(future), where);
  }

  /// See `Handle`.
  template <class... Arguments>
    requires requires(const Handle& handle, Arguments&&... arguments) {
      handle.spawn(std::forward<Arguments>(arguments)...);
    }
  auto spawn(Arguments&&... arguments) {
    return handle_.spawn(std::forward<Arguments>(arguments)...);
  }
  Current enter() const { return handle_.enter(); }
  const Handle& handle() const noexcept { return handle_; }

  /// The executor, for what only that knows: counters, and dumps.
  CurrentThread& executor() const { return handle_.executor(); }

  /// Destroys the tasks, and waits for the jobs that `run_blocking()` has begun, but not for longer
  /// than `timeout`: then they go on, and nobody will know. The runtime is empty afterwards.
  /// Mirrors `tokio::runtime::Runtime::shutdown_timeout`.
  void shutdown_timeout(std::chrono::nanoseconds timeout) &&;

  /// The same, and waits for nothing. Mirrors `tokio::runtime::Runtime::shutdown_background`.
  void shutdown_background() &&;

 private:
  explicit Runtime(std::shared_ptr<detail::RuntimeCore> core) noexcept : handle_(std::move(core)) {}

  void shut_down(std::optional<std::chrono::nanoseconds> timeout);

  Handle handle_;
};

/// What a runtime is made of. Mirrors `tokio::runtime::Builder`.
///
///   io::Result<Runtime> runtime = Runtime::Builder::current_thread().enable_all().build();
class Runtime::Builder {
 public:
  /// A runtime that runs its tasks on the thread that calls `block_on()`. Mirrors
  /// `new_current_thread`.
  static Builder current_thread() { return {}; }

  /// With a reactor: descriptors can be waited for.
  Builder& enable_io() noexcept;

  /// With a clock: tasks can sleep.
  Builder& enable_time() noexcept;

  /// With all that there is.
  Builder& enable_all() noexcept { return enable_io().enable_time(); }

  /// The clock stands still from the beginning, for tests. `build()` throws `Misuse` without
  /// `enable_time()`.
  Builder& start_paused(bool is_paused = true) noexcept;

  /// After how many turns of tasks it looks for events and timers while it is busy; 61 by default.
  /// Throws `Misuse` for less than 1.
  Builder& event_interval(int turns);

  /// What its random choices begin with: those of `select()`. Two runtimes with the same seed make
  /// the same choices, in the same order. Without this, each runtime has another seed. Mirrors
  /// `tokio::runtime::Builder::rng_seed`.
  Builder& rng_seed(std::uint64_t seed) noexcept;

  /// Called by a thread of the runtime that has nothing to do, before it sleeps, and when it has
  /// slept. Must not throw.
  Builder& on_thread_park(std::function<void()> hook);
  Builder& on_thread_unpark(std::function<void()> hook);

  /// Makes the runtime. May be called again, for another one. `EMFILE` when there are no
  /// descriptors left.
  io::Result<Runtime> build() const;

 private:
  Builder() = default;

  bool has_io_ = false;
  bool has_time_ = false;
  bool is_paused_ = false;
  std::optional<std::uint64_t> seed_;
  ExecutorOptions options_;
};

}  // namespace nara::inline NARA_BUILD
