// Wakers that were taken while a lock was held, to be woken once it is free.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <nara/waker.hpp>
#include <span>
#include <utility>

namespace nara::inline NARA_BUILD {

/// Up to 32 wakers. Whoever guards waiters with a mutex takes their wakers into one of these, gives
/// the mutex back, and wakes them then: a waker may run any code, and that code may want the mutex.
///
///   WakeList wakers;
///   std::unique_lock lock(mutex_);
///   while (!take_waiting(wakers)) wakers.wake_all(lock);  // until all fit
///   lock.unlock();
///   wakers.wake_all();
///
/// It lives on the stack. Those that are still in it when it goes are dropped and not woken.
/// Mirrors `tokio::util::WakeList`.
class WakeList {
 public:
  static constexpr std::size_t kCapacity = 32;

  WakeList() noexcept {}  // NOLINT(modernize-use-equals-default): the wakers are not made yet.
  WakeList(const WakeList&) = delete;
  WakeList& operator=(const WakeList&) = delete;
  ~WakeList() { std::destroy_n(wakers_, size_); }

  bool is_full() const noexcept { return size_ == kCapacity; }

  /// There must be room.
  void push(Waker waker) noexcept { std::construct_at(&wakers_[size_++], std::move(waker)); }

  /// Wakes them, the first first. Then it is empty.
  void wake_all() noexcept {
    for (Waker& waker : std::span(wakers_, size_)) std::move(waker).wake();
    std::destroy_n(wakers_, std::exchange(size_, 0));
  }

  /// The same, while the mutex is free.
  void wake_all(std::unique_lock<std::mutex>& lock) noexcept {
    lock.unlock();
    wake_all();
    lock.lock();
  }

 private:
  std::size_t size_ = 0;
  union {
    Waker wakers_[kCapacity];  ///< The first `size_` are alive.
  };
};

}  // namespace nara::inline NARA_BUILD
