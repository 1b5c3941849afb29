// Standing in line, being served, and leaving it.
#include <nara/detail/permits.hpp>
#include <nara/todo.hpp>

namespace nara::inline NARA_BUILD::detail {

PermitWaiter::Answer PermitWaiter::wait(const Waker& waker) noexcept {
  Waker previous = Waker::noop();  // Goes when the lock is free: what it drops may be anything.
  const std::lock_guard lock(permits_->mutex_);
  return todo("09-layer: wait() looks once more, and then stands in line");
}

/// Takes up to `wants` of those that are free. If that is not enough, somebody waits from now on.
/// With `mutex_` held.
std::size_t Permits::take(std::size_t wants) noexcept {
  std::size_t word = word_.load(std::memory_order_relaxed);
  for (;;) {
    const std::size_t taken = std::min(wants, word >> kShift);
    const std::size_t flag = taken < wants ? kSomebodyWaits : 0;
    // Acquire: pairs with release().
    if (word_.compare_exchange_weak(word, (word - (taken << kShift)) | flag,
                                    std::memory_order_acquire, std::memory_order_relaxed)) {
      return taken;
    }
  }
}

void Permits::hand_over(std::size_t count, std::unique_lock<std::mutex> lock) noexcept {
  todo("09-layer: hand_over() serves those who wait; what is left is free");
}

/// Nobody waits any more. With `mutex_` held.
void Permits::add_free(std::size_t count) noexcept {
  std::size_t word = word_.load(std::memory_order_relaxed);
  // Release: pairs with the acquire of whoever takes them.
  while (!word_.compare_exchange_weak(word, with_more(word, count) & ~kSomebodyWaits,
                                      std::memory_order_release, std::memory_order_relaxed)) {
  }
}

void PermitWaiter::leave() noexcept {
  todo("09-layer: leave() passes on all that it was given");
}

void Permits::release_to_last() noexcept {
  std::unique_lock lock(mutex_);
  PermitWaiter* const last = waiters_.back();
  if (last == nullptr) return hand_over(1, std::move(lock));
  last->unlink();
  waiters_.push_front(*last);
  hand_over(1, std::move(lock));
}

std::size_t Permits::forget(std::size_t count) noexcept {
  std::size_t word = word_.load(std::memory_order_relaxed);
  for (;;) {
    const std::size_t forgotten = std::min(count, word >> kShift);
    if (word_.compare_exchange_weak(word, word - (forgotten << kShift), std::memory_order_acquire,
                                    std::memory_order_relaxed)) {
      return forgotten;
    }
  }
}

void Permits::close() noexcept {
  std::unique_lock lock(mutex_);
  word_.fetch_or(kClosed, std::memory_order_release);
  dismiss_all(std::move(lock));
}

void Permits::dismiss_all() noexcept { dismiss_all(std::unique_lock(mutex_)); }

void Permits::dismiss_all(std::unique_lock<std::mutex> lock) noexcept {
  // Release: pairs with the making of a PermitWaiter.
  dismissals_.fetch_add(1, std::memory_order_release);
  // Who comes while the lock is free belongs to the next list.
  IntrusiveList<PermitWaiter> leaving;
  leaving.append(waiters_);
  add_free(0);
  WakeList wakers;
  while (PermitWaiter* const waiter = leaving.pop_front()) {
    wakers.push(std::exchange(waiter->waker_, Waker::noop()));
    if (wakers.is_full()) wakers.wake_all(lock);
  }
  lock.unlock();
  wakers.wake_all();
}

void PermitWaiter::throw_done(std::string_view what) {
  throw Misuse(std::string(what) + " was polled again after it was ready");
}

}  // namespace nara::inline NARA_BUILD::detail
