// A lock that tasks wait for, instead of threads.
#pragma once

#include <memory>
#include <nara/detail/block_here.hpp>
#include <nara/detail/gives_any.hpp>
#include <nara/detail/guard.hpp>
#include <nara/detail/permits.hpp>
#include <optional>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD::sync {

/// Leads to the value of a `Mutex`, or to a part of it, and unlocks it when it is destroyed. It may
/// be kept across a `co_await`, and moved to another thread. Mirrors `tokio::sync::MutexGuard` and
/// `tokio::sync::MappedMutexGuard`.
template <class T>
using MutexGuard = detail::Guard<T, detail::NoOwner>;

/// The same, and keeps the mutex alive. Mirrors `tokio::sync::OwnedMutexGuard`.
template <class T>
using OwnedMutexGuard = detail::Guard<T, std::shared_ptr<void>>;

/// A `T` that one task at a time may use, also across a `co_await`. First come, first served: when
/// it is unlocked, it belongs to the one who has waited for the longest, and nobody can overtake.
///
/// For a value that is never used across a `co_await`, `std::mutex` is cheaper.
///
/// Thread safety: any thread, also outside of a runtime. It must outlive its guards, but for those
/// that own it. Mirrors `tokio::sync::Mutex`.
template <class T>
class Mutex {
 public:
  /// Ready with a guard when it is one's turn.
  using Lock = detail::Lock<MutexGuard<T>, detail::MutexLock>;
  using OwnedLock = detail::Lock<OwnedMutexGuard<T>, detail::MutexLock>;

  Mutex()
    requires std::is_default_constructible_v<T>
  = default;
  explicit Mutex(T value) : value_(std::move(value)) {}

  // [lock]
  /// Waits for one's turn, and gives a guard.
  ///
  /// Cancel safety: the place in the line is lost. Who is destroyed when it has its turn passes
  /// that on.
  Lock lock() noexcept { return {permits_, 1, value_, {}}; }
  // [/lock]

  /// The same, and the guard keeps `mutex` alive. Cancel safety: that of `lock()`.
  static OwnedLock lock_owned(std::shared_ptr<Mutex> mutex) noexcept {
    Mutex& self = *mutex;
    return {self.permits_, 1, self.value_, std::move(mutex)};
  }

  /// A guard, or nothing when it is locked.
  std::optional<MutexGuard<T>> try_lock() noexcept { return lock().try_now(); }
  static std::optional<OwnedMutexGuard<T>> try_lock_owned(std::shared_ptr<Mutex> mutex) noexcept {
    return lock_owned(std::move(mutex)).try_now();
  }

  /// Stops the thread until it is its turn. Throws `Misuse` inside of a task.
  MutexGuard<T> blocking_lock() { return detail::block_here(lock(), "Mutex::blocking_lock()"); }

  /// The value, for who has the mutex to themselves.
  T& get() noexcept { return value_; }
  NARA_GIVES_ANY T into_inner() && { return std::move(value_); }

 private:
  detail::Permits permits_{1};
  T value_{};
};

}  // namespace nara::inline NARA_BUILD::sync
