// A lock that many tasks may hold to read, or one to write.
#pragma once

#include <cstddef>
#include <memory>
#include <nara/detail/block_here.hpp>
#include <nara/detail/gives_any.hpp>
#include <nara/detail/guard.hpp>
#include <nara/detail/permits.hpp>
#include <nara/misuse.hpp>
#include <optional>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD::sync {

/// Leads to the value of an `RwLock`, or to a part of it, and lets nobody write until it is
/// destroyed. It may be kept across a `co_await`, and moved to another thread. Mirrors
/// `tokio::sync::RwLockReadGuard`.
template <class T>
using RwLockReadGuard = detail::Guard<const T, detail::NoOwner>;

/// The same, and keeps the lock alive. Mirrors `tokio::sync::OwnedRwLockReadGuard`.
template <class T>
using OwnedRwLockReadGuard = detail::Guard<const T, std::shared_ptr<void>>;

/// Leads to the value of an `RwLock`, and lets nobody else in until it is destroyed, or until
/// `downgrade()` makes it the guard of a reader. It may be kept across a `co_await`, and moved to
/// another thread. What `map()` makes of it cannot be downgraded: there may be more to the value
/// than that part. Mirrors `tokio::sync::RwLockWriteGuard` and
/// `tokio::sync::RwLockMappedWriteGuard`.
template <class T>
using RwLockWriteGuard = detail::WriteGuard<T, detail::NoOwner>;

/// The same, and keeps the lock alive. Mirrors `tokio::sync::OwnedRwLockWriteGuard` and
/// `tokio::sync::OwnedRwLockMappedWriteGuard`.
template <class T>
using OwnedRwLockWriteGuard = detail::WriteGuard<T, std::shared_ptr<void>>;

/// A `T` that many may read at a time, or one may write. First come, first served: who comes to
/// read while somebody waits to write, waits behind that. So writers do not starve. And so a task
/// must not wait to read while it has a guard to read already: a writer that came in between would
/// wait for the first, and the second for the writer.
///
/// A reader takes a permit, of which there are `max_readers`; a writer takes all.
///
/// Thread safety: any thread, also outside of a runtime; several that read use the `const T` at the
/// same time. It must outlive its guards, but for those that own it. Mirrors `tokio::sync::RwLock`.
template <class T>
class RwLock {
 public:
  /// Ready with a guard when it is one's turn.
  using Read = detail::Lock<RwLockReadGuard<T>, detail::RwLockRead>;
  using OwnedRead = detail::Lock<OwnedRwLockReadGuard<T>, detail::RwLockRead>;
  using Write = detail::Lock<RwLockWriteGuard<T>, detail::RwLockWrite>;
  using OwnedWrite = detail::Lock<OwnedRwLockWriteGuard<T>, detail::RwLockWrite>;

  /// The most that can read at a time.
  static constexpr std::size_t kMaxReaders = detail::Permits::kMost;

  RwLock()
    requires std::is_default_constructible_v<T>
      : RwLock(T()) {}

  /// At most `max_readers` read at a time: who comes then, waits. Throws `Misuse` for none, and for
  /// more than `kMaxReaders`.
  explicit RwLock(T value, std::size_t max_readers = kMaxReaders)
      : max_readers_(checked(max_readers)), value_(std::move(value)) {}

  /// Waits until nobody writes, and gives a guard to read.
  ///
  /// Cancel safety: the place in the line is lost. Who is destroyed when it has its turn passes
  /// that on.
  Read read() noexcept { return {permits_, 1, value_, {}}; }

  /// Waits until it is alone, and gives a guard to write. Cancel safety: that of `read()`.
  Write write() noexcept { return {permits_, max_readers_, value_, {}}; }

  /// The same as `read()`, and the guard keeps `lock` alive. Cancel safety: that of `read()`.
  static OwnedRead read_owned(std::shared_ptr<RwLock> lock) noexcept {
    RwLock& self = *lock;
    return {self.permits_, 1, self.value_, std::move(lock)};
  }

  /// The same as `write()`, and the guard keeps `lock` alive. Cancel safety: that of `read()`.
  static OwnedWrite write_owned(std::shared_ptr<RwLock> lock) noexcept {
    RwLock& self = *lock;
    return {self.permits_, self.max_readers_, self.value_, std::move(lock)};
  }

  /// A guard to read, or nothing when somebody writes or waits to write, or when there are as many
  /// readers as there can be.
  std::optional<RwLockReadGuard<T>> try_read() noexcept { return read().try_now(); }
  static std::optional<OwnedRwLockReadGuard<T>> try_read_owned(
      std::shared_ptr<RwLock> lock) noexcept {
    return read_owned(std::move(lock)).try_now();
  }

  /// A guard to write, or nothing when anybody reads or writes.
  std::optional<RwLockWriteGuard<T>> try_write() noexcept { return write().try_now(); }
  static std::optional<OwnedRwLockWriteGuard<T>> try_write_owned(
      std::shared_ptr<RwLock> lock) noexcept {
    return write_owned(std::move(lock)).try_now();
  }

  /// Stops the thread until nobody writes. Throws `Misuse` inside of a task.
  RwLockReadGuard<T> blocking_read() {
    return detail::block_here(read(), "RwLock::blocking_read()");
  }

  /// Stops the thread until it is alone. Throws `Misuse` inside of a task.
  RwLockWriteGuard<T> blocking_write() {
    return detail::block_here(write(), "RwLock::blocking_write()");
  }

  /// The value, for who has the lock to themselves.
  T& get() noexcept { return value_; }
  NARA_GIVES_ANY T into_inner() && { return std::move(value_); }

 private:
  static std::size_t checked(std::size_t max_readers) {
    if (max_readers >= 1 && max_readers <= kMaxReaders) return max_readers;
    throw Misuse(
        "an RwLock can have from 1 to RwLock::kMaxReaders readers at a time: give it such a "
        "number");
  }

  const std::size_t max_readers_;
  detail::Permits permits_{max_readers_};
  T value_;
};

}  // namespace nara::inline NARA_BUILD::sync
