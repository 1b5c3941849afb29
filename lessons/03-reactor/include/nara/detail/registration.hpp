// One descriptor's place in the reactor: what is known about it, and who waits for more.
//
//   Registration
//   ┌──────────────────────────────┐        Waiter            Waiter
//   │ readiness   the word         │     ┌───────────┐     ┌───────────┐
//   │ waiters     guarded by a ────┼────►│ readable  │◄───►│ writable  │   each in the frame of
//   │             mutex            │     │ its waker │     │ its waker │   the task that waits
//   └──────────────────────────────┘     └───────────┘     └───────────┘
//
// Both sides are careful in the same way. The driver first sets the word, then looks for waiters
// under the lock. Who waits looks at the word once more under the lock before it joins them. So
// whatever comes in between, one of the two sees the other.
#pragma once

#include <cassert>
#include <mutex>
#include <nara/context.hpp>
#include <nara/detail/readiness.hpp>
#include <nara/intrusive_list.hpp>
#include <nara/io/ready.hpp>
#include <nara/poll.hpp>
#include <nara/wake_list.hpp>
#include <nara/waker.hpp>

namespace nara::inline NARA_BUILD::detail {

class Registration;

/// Somebody who waits until a descriptor is ready. Part of the future that is awaited.
class Waiter : public ListNode {
 public:
  Waiter() noexcept = default;
  Waiter([[maybe_unused]] Waiter&& other) noexcept {
    assert(other.home_ == nullptr && "a future was moved after its first poll");
  }
  Waiter& operator=(Waiter&&) = delete;
  ~Waiter() { leave(); }

  /// Ready with what of `mask` is ready: never with nothing, except when the reactor is gone.
  /// It takes one unit of the budget.
  Poll<ReadyEvent> poll(Registration& registration, io::Ready mask, Context& context) noexcept;

  /// Stops waiting.
  void leave() noexcept;

 private:
  friend Registration;

  Registration* home_ = nullptr;  ///< Where it may stand in the list.
  io::Ready mask_;
  Waker waker_ = Waker::noop();  ///< Guarded by the mutex of `home_`, like the links.
};

/// Lives as long as its reactor: the kernel may point to it for longer than the descriptor lives.
class Registration {
 public:
  Readiness& readiness() noexcept { return readiness_; }

  /// An event has come: the driver sets the bits, and wakes those who wait for them.
  void deliver(io::Ready ready) noexcept;

  /// The driver is gone: wakes everybody.
  void shut_down() noexcept;

 private:
  friend Waiter;
  friend class RegistrationStack;

  void wake(io::Ready ready) noexcept;
  bool take_waiting(io::Ready ready, WakeList& wakers) noexcept;

  Readiness readiness_;
  std::mutex mutex_;
  IntrusiveList<Waiter> waiters_;  ///< Guarded by `mutex_`.
  Registration* next_ = nullptr;   ///< In a stack of those without a descriptor.
};

/// Registrations that have no descriptor. Not thread-safe.
class RegistrationStack {
 public:
  void push(Registration& registration) noexcept {
    registration.next_ = top_;
    top_ = &registration;
  }

  /// Null when it is empty.
  Registration* pop() noexcept {
    Registration* const top = top_;
    if (top != nullptr) top_ = top->next_;
    return top;
  }

 private:
  Registration* top_ = nullptr;
};

}  // namespace nara::inline NARA_BUILD::detail
