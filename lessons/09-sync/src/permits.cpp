// Standing in line, being served, and leaving it.
#include <nara/detail/permits.hpp>

namespace nara::inline NARA_BUILD::detail {

// [wait]
PermitWaiter::Answer PermitWaiter::wait(const Waker& waker) noexcept {
  Waker previous = Waker::noop();  // Goes when the lock is free: what it drops may be anything.
  const std::lock_guard lock(permits_->mutex_);
  // BEGIN SOLUTION
  // STARTER: return todo("09-layer: wait() looks once more, and then stands in line");
  std::size_t misses = misses_.load(std::memory_order_relaxed);
  if (misses == 0) return Answer::kGo;  // Chosen since ask() has looked.
  if (born_ != permits_->dismissals_.load(std::memory_order_relaxed)) return Answer::kDismissed;
  if (!is_linked()) {
    if (permits_->is_closed()) return Answer::kDismissed;
    misses -= permits_->take(misses);
    misses_.store(misses, std::memory_order_relaxed);
    if (misses == 0) return Answer::kGo;
    permits_->waiters_.push_back(*this);
  }
  if (!waker_.will_wake(waker)) previous = std::exchange(waker_, waker.clone());
  return Answer::kWait;
  // END SOLUTION
}
// [/wait]

// [take]
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
// [/take]

// [hand_over]
void Permits::hand_over(std::size_t count, std::unique_lock<std::mutex> lock) noexcept {
  // BEGIN SOLUTION
  // STARTER: todo("09-layer: hand_over() serves those who wait; what is left is free");
  WakeList wakers;
  while (count > 0 && !waiters_.empty()) {
    PermitWaiter& first = *waiters_.front();
    const std::size_t misses = first.misses_.load(std::memory_order_relaxed);
    const std::size_t given = std::min(count, misses);
    count -= given;
    if (given == misses) {
      first.unlink();
      wakers.push(std::exchange(first.waker_, Waker::noop()));
    }
    // Release: pairs with ask(). At 0, it may be gone from here on.
    first.misses_.store(misses - given, std::memory_order_release);
    if (wakers.is_full()) wakers.wake_all(lock);
  }
  if (waiters_.empty()) add_free(count);
  lock.unlock();
  wakers.wake_all();
  // END SOLUTION
}
// [/hand_over]

/// Nobody waits any more. With `mutex_` held.
void Permits::add_free(std::size_t count) noexcept {
  std::size_t word = word_.load(std::memory_order_relaxed);
  // Release: pairs with the acquire of whoever takes them.
  while (!word_.compare_exchange_weak(word, with_more(word, count) & ~kSomebodyWaits,
                                      std::memory_order_release, std::memory_order_relaxed)) {
  }
}

// [leave]
void PermitWaiter::leave() noexcept {
  // BEGIN SOLUTION
  // STARTER: todo("09-layer: leave() passes on all that it was given");
  // Acquire: pairs with hand_over().
  if (misses_.load(std::memory_order_acquire) == 0) return permits_->release(wants_);
  std::unique_lock lock(permits_->mutex_);
  unlink();
  // It may have been chosen before we had the lock.
  const std::size_t has = wants_ - misses_.load(std::memory_order_relaxed);
  permits_->hand_over(has, std::move(lock));
  // END SOLUTION
}
// [/leave]

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

// [dismiss]
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
// [/dismiss]

void PermitWaiter::throw_done(std::string_view what) {
  throw Misuse(std::string(what) + " was polled again after it was ready");
}

}  // namespace nara::inline NARA_BUILD::detail
