// Waiting for readiness, and being woken by it.
#include <nara/detail/registration.hpp>
#include <utility>

namespace nara::inline NARA_BUILD::detail {

// [wait]
Poll<ReadyEvent> Waiter::poll(Registration& registration, io::Ready mask,
                              Context& context) noexcept {
  ReadyEvent event = registration.readiness_.look(mask);
  if (event.is_nothing()) {
    // [join]
    Waker previous = Waker::noop();  // Goes when the lock is free: what it drops may be anything.
    const std::lock_guard lock(registration.mutex_);
    // It may have come before we had the lock: then nobody would wake us.
    event = registration.readiness_.look(mask);
    if (event.is_nothing()) {
      registration_ = &registration;
      mask_ = mask;
      if (!waker_.will_wake(context.waker())) {
        previous = std::exchange(waker_, context.waker().clone());
      }
      if (!is_linked()) registration.waiters_.push_back(*this);
      return kPending;
    }
    // [/join]
  }
  if (!context.spend()) {
    context.yield();
    return kPending;
  }
  leave();
  return event;
}

void Waiter::leave() noexcept {
  if (registration_ == nullptr) return;
  const std::lock_guard lock(std::exchange(registration_, nullptr)->mutex_);
  unlink();
}
// [/wait]

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
