// Waiting for readiness, and being woken by it.
#include <nara/detail/registration.hpp>
#include <utility>

namespace nara::inline NARA_BUILD::detail {

// [join]
/// Joins those who wait, unless there is something after all: then it gives that.
ReadyEvent Waiter::join(Registration& registration, io::Ready mask, const Waker& waker) noexcept {
  Waker previous = Waker::noop();  // Goes when the lock is free: what it drops may be anything.
  const std::lock_guard lock(registration.mutex_);
  // It may have come before we had the lock: then nobody would wake us.
  const ReadyEvent event = registration.readiness_.look(mask);
  if (!event.is_nothing()) return event;
  registration_.store(&registration, std::memory_order_relaxed);
  mask_ = mask;
  if (!waker_.will_wake(waker)) previous = std::exchange(waker_, waker.clone());
  if (!is_linked()) registration.waiters_.push_back(*this);
  return event;
}
// [/join]

// [leave]
void Waiter::leave(Registration& registration) noexcept {
  const std::lock_guard lock(registration.mutex_);
  unlink();
  registration_.store(nullptr, std::memory_order_relaxed);
}
// [/leave]

// [deliver]
void Registration::deliver(std::uint64_t name, io::Ready ready) noexcept {
  // Safe because: `name` is from name(), and registrations live as long as their reactor.
  auto& registration = *reinterpret_cast<Registration*>(name & kAddress);
  std::unique_lock lock(registration.mutex_);
  if (registration.name() != name) return;
  registration.readiness_.add(ready);
  registration.wake(ready, std::move(lock));
}

// [wake]
void Registration::wake(io::Ready ready, std::unique_lock<std::mutex> lock) noexcept {
  WakeList wakers;
  while (!take_waiting(ready, wakers)) wakers.wake_all(lock);
  lock.unlock();
  wakers.wake_all();
}
// [/wake]

/// False when `wakers` is full, and more are waiting.
bool Registration::take_waiting(io::Ready ready, WakeList& wakers) noexcept {
  for (auto waiter = waiters_.begin(); waiter != waiters_.end();) {
    Waiter& next = *waiter++;
    if ((next.mask_ & ready).is_empty()) continue;
    if (wakers.is_full()) return false;
    next.unlink();
    wakers.push(std::exchange(next.waker_, Waker::noop()));
    // Release: pairs with leave(). From here on, it may be gone.
    next.registration_.store(nullptr, std::memory_order_release);
  }
  return true;
}
// [/deliver]

void Registration::shut_down() noexcept {
  std::unique_lock lock(mutex_);
  readiness_.shut_down();
  wake(io::Ready::kReadClosed | io::Ready::kWriteClosed, std::move(lock));
}

}  // namespace nara::inline NARA_BUILD::detail
