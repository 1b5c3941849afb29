// Any descriptor that the kernel can wait for, made awaitable.
#pragma once

#include <concepts>
#include <cstdint>
#include <expected>
#include <nara/context.hpp>
#include <nara/detail/not_moved.hpp>
#include <nara/io/ready.hpp>
#include <nara/io/result.hpp>
#include <nara/owned_fd.hpp>
#include <nara/poll.hpp>
#include <nara/reactor.hpp>
#include <nara/trace.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD {

/// Something with a descriptor: its number, an object with a function `fd()`, or a pointer to one.
template <class T>
concept HasDescriptor = requires(const T& thing) {
  requires std::same_as<T, int> || requires {
    { thing.fd() } -> std::same_as<int>;
  } || requires {
    { thing->fd() } -> std::same_as<int>;
  };
};

template <HasDescriptor T>
class AsyncFd;

/// The news that a descriptor is ready, until somebody finds that it is not true any more.
///
/// The one who tries an operation and is told `EAGAIN` has to clear the readiness, so that the next
/// wait is for a new event. `try_io()` does both. Destroying the guard leaves the readiness as it
/// is. It refers to the `AsyncFd`. Mirrors `tokio::io::unix::AsyncFdReadyGuard`.
template <HasDescriptor T>
class [[nodiscard]] ReadyGuard {
 public:
  ReadyGuard(const AsyncFd<T>& source, detail::ReadyEvent event) noexcept
      : source_(&source), event_(event) {}

  /// What the descriptor is ready for, of that which was waited for.
  io::Ready ready() const noexcept { return event_.ready; }

  const T& get_inner() const noexcept { return source_->get_inner(); }

  /// Tries `operation(inner)`, which returns an `io::Result`. When that says `EAGAIN`, clears the
  /// readiness and gives nothing: it is time to wait again. Gives every other result, and the
  /// readiness stays.
  // [try_io]
  template <class Operation>
  auto try_io(Operation operation) -> std::optional<std::invoke_result_t<Operation&, const T&>> {
    auto result = operation(get_inner());
    if (result || !io::is_would_block(result.error())) return result;
    clear_ready();
    return std::nullopt;
  }
  // [/try_io]

  /// The operation has said `EAGAIN`, or has left nothing: the next wait is for an event that has
  /// not come yet. An event that came since this guard was made stays.
  void clear_ready() noexcept { clear_ready_matching(event_.ready); }

  /// The same for a part of it.
  void clear_ready_matching(io::Ready part) noexcept {
    detail::ReadyEvent stale = event_;
    stale.ready = event_.ready & part;
    source_->registration().readiness().clear(stale);
    event_.ready = event_.ready - part;
  }

  /// The readiness stays: the next wait is over at once. This is what happens anyhow; the call says
  /// that it is meant.
  void retain_ready() noexcept {}

 private:
  const AsyncFd<T>* source_;
  detail::ReadyEvent event_;
};

/// Ready when the descriptor is. Made by `AsyncFd::ready()`.
template <HasDescriptor T>
class [[nodiscard]] AsyncFdReady {
 public:
  using Output = io::Result<ReadyGuard<T>>;

  AsyncFdReady(const AsyncFd<T>& source, io::Interest interest) noexcept
      : source_(&source), interest_(interest) {}

  /// Ready with a guard, or `io::Errc::kShutdown`. Throws `Misuse` when the `AsyncFd` was moved
  /// from.
  Poll<Output> poll(Context& context) {
    Poll<detail::ReadyEvent> answer =
        waiter_.poll(source_->registration(), interest_.mask(), context);
    if (answer.is_pending()) return kPending;
    const detail::ReadyEvent event = answer.value();
    if (event.is_shutdown) return Output(std::unexpect, io::Errc::kShutdown);
    return Output(ReadyGuard<T>(*source_, event));
  }

  void describe(Trace& trace) const { trace.waits_for = source_->waits_for(interest_); }

 private:
  const AsyncFd<T>* source_;
  io::Interest interest_;
  detail::Waiter waiter_;
};

/// Ready when an operation has been done. Made by `AsyncFd::async_io()`.
template <HasDescriptor T, class Operation>
class [[nodiscard]] AsyncFdIo {
 public:
  using Output = std::invoke_result_t<Operation&, const T&>;

  AsyncFdIo(const AsyncFd<T>& source, io::Interest interest, Operation operation)
      : source_(&source), interest_(interest), operation_(std::move(operation)) {}

  /// Ready with what the operation gives, or `io::Errc::kShutdown`. Throws what the operation
  /// does, and `Misuse` when the `AsyncFd` was moved from.
  // [poll]
  Poll<Output> poll(Context& context) {
    detail::Registration& registration = source_->registration();
    while (true) {
      Poll<detail::ReadyEvent> answer = waiter_.poll(registration, interest_.mask(), context);
      if (answer.is_pending()) return kPending;
      const detail::ReadyEvent event = answer.value();
      if (event.is_shutdown) return Output(std::unexpect, io::Errc::kShutdown);
      Output result = operation_(source_->get_inner());
      const bool would_block = !result && io::is_would_block(result.error());
      if (would_block || leaves_nothing(result)) registration.readiness().clear(event);
      if (!would_block) return result;
    }
  }
  // [/poll]

  void describe(Trace& trace) const { trace.waits_for = source_->waits_for(interest_); }

 private:
  /// Do we know that the next try would say `EAGAIN`?
  bool leaves_nothing(const Output& result) const noexcept {
    if constexpr (requires { operation_.leaves_nothing(*result); }) {
      return result && operation_.leaves_nothing(*result);
    } else {
      return false;
    }
  }

  const AsyncFd<T>* source_;
  io::Interest interest_;
  [[no_unique_address]] Operation operation_;
  detail::Waiter waiter_;
};

/// What `AsyncFd::try_new()` gives back when it cannot wait for a descriptor.
template <class T>
struct TryNewError {
  T inner;                ///< What was given.
  std::error_code cause;  ///< Why not.
};

/// A `T` that has a descriptor, and the reactor's knowledge about when that is ready.
///
/// The descriptor has to be non-blocking (`sys::set_nonblocking()`), and belongs to the runtime in
/// which this was made, for as long as it lives. When the runtime goes first, each wait ends with
/// `io::Errc::kShutdown`. It can be moved while nobody waits; one that was moved from throws
/// `Misuse`.
///
/// Cancel safety: all that can be awaited can be destroyed at any time; nothing is lost. Thread
/// safety: any number of tasks may wait at once, on any thread; moving and destroying it is for one
/// alone. Mirrors `tokio::io::unix::AsyncFd`.
template <HasDescriptor T>
class AsyncFd {
 public:
  /// Registers the descriptor of `inner` with the reactor of the current runtime.
  ///
  /// Gives `inner` back with the reason when that fails: `EPERM` for a file, which the kernel never
  /// lets anybody wait for; `EEXIST` when the descriptor is registered already; `EBADF` when it is
  /// not open. Throws `Misuse` when there is no current runtime, or it has no reactor.
  static std::expected<AsyncFd, TryNewError<T>> try_new(
      T inner, io::Interest interest = io::Interest::kReadable | io::Interest::kWritable) {
    io::Result<detail::Registered> added =
        Reactor::current("AsyncFd").add(descriptor_of(inner), interest);
    if (!added) {
      return std::unexpected(TryNewError<T>{std::move(inner), added.error()});
    }
    return AsyncFd(*std::move(added), std::move(inner));
  }

  AsyncFd(AsyncFd&&) noexcept = default;
  AsyncFd& operator=(AsyncFd&& other) noexcept {
    // Why not by default: an `int` would be copied, and each would be left with the registration of
    // the other's descriptor.
    std::swap(registered_, other.registered_);
    std::swap(inner_, other.inner_);
    return *this;
  }

  /// Destroys the `T`. The reactor forgets the descriptor, whether or not that closes it.
  ~AsyncFd() {
    // The kernel forgets by itself what is closed, which saves a system call.
    if (!kCloses && registered_) (void)registered_.forget(fd());
  }

  const T& get_inner() const noexcept { return inner_; }

  /// Its descriptor.
  int fd() const noexcept { return descriptor_of(inner_); }

  /// Gives the `T` back. Its descriptor stays open, and may be registered again.
  T into_inner() && {
    check();
    (void)registered_.forget(fd());
    const detail::Registered last = std::move(registered_);
    return std::move(inner_);
  }

  /// Waits until the descriptor may be read, and gives the guard of that readiness.
  AsyncFdReady<T> readable() const noexcept { return ready(io::Interest::kReadable); }

  /// Waits until the descriptor may be written.
  AsyncFdReady<T> writable() const noexcept { return ready(io::Interest::kWritable); }

  /// Waits until it is ready for any of these.
  AsyncFdReady<T> ready(io::Interest interest) const noexcept { return {*this, interest}; }

  /// Tries `operation(inner)` now, if the descriptor is known to be ready. Gives `EAGAIN` without a
  /// try if it is not, and when the operation says so, which clears the readiness.
  template <class Operation>
  auto try_io(io::Interest interest, Operation operation) const
      -> std::invoke_result_t<Operation&, const T&> {
    const detail::ReadyEvent event = registration().readiness().look(interest.mask());
    if (event.is_shutdown) return std::unexpected(make_error_code(io::Errc::kShutdown));
    if (!event.is_nothing()) {
      if (auto result = ReadyGuard<T>(*this, event).try_io(std::move(operation))) {
        return *std::move(result);
      }
    }
    return std::unexpected(std::error_code(EAGAIN, std::system_category()));
  }

  /// Tries `operation(inner)` as soon as the descriptor is ready, again whenever it says `EAGAIN`,
  /// and is ready with its result.
  ///
  /// An operation that knows how much there was may save a system call: when it has a function
  /// `leaves_nothing(value)` and that is true, the next operation waits without a try. See
  /// `io::ReadStream`.
  template <class Operation>
  AsyncFdIo<T, Operation> async_io(io::Interest interest, Operation operation) const {
    return {*this, interest, std::move(operation)};
  }

 private:
  friend ReadyGuard<T>;
  friend AsyncFdReady<T>;
  template <HasDescriptor U, class Operation>
  friend class AsyncFdIo;

  static constexpr bool kCloses = std::same_as<T, OwnedFd>;

  AsyncFd(detail::Registered registered, T inner)
      : registered_(std::move(registered)), inner_(std::move(inner)) {}

  static int descriptor_of(const T& inner) noexcept {
    if constexpr (std::same_as<T, int>) {
      return inner;
    } else if constexpr (requires { inner.fd(); }) {
      return inner.fd();
    } else {
      return inner->fd();
    }
  }

  detail::Registration& registration() const {
    check();
    return *registered_;
  }

  void check() const {
    if (!registered_) detail::throw_moved("an AsyncFd");
  }

  std::string waits_for(io::Interest interest) const {
    std::string text = "AsyncFd";
    if (interest.includes(io::Interest::kReadable)) text += " readable";
    if (interest.includes(io::Interest::kWritable)) text += " writable";
    if (interest.includes(io::Interest::kPriority)) text += " priority";
    return text + ", descriptor " + std::to_string(fd());
  }

  detail::Registered registered_;
  T inner_;  // Closed before the registration goes: see detail::Registered.
};

}  // namespace nara::inline NARA_BUILD
