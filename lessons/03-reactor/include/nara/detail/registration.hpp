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
#include <cstdint>
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

  // [name]
  /// What the kernel is to call it: its address, and which of its lives this is. A descriptor that
  /// was copied (dup, fork) is not forgotten when it is closed, and the kernel goes on about it.
  std::uint64_t name() const noexcept {
    // Safe because: addresses of user space have 48 bits, on x86-64 and on arm64.
    return reinterpret_cast<std::uintptr_t>(this) | std::uint64_t{life_} << kAddressBits;
  }

  /// The one that was called so. Null when it has another descriptor by now.
  static Registration* by_name(std::uint64_t name) noexcept {
    // Safe because: `name` is from name(), and registrations live as long as their reactor.
    constexpr std::uint64_t kAddress = (std::uint64_t{1} << kAddressBits) - 1;
    auto* const registration = reinterpret_cast<Registration*>(name & kAddress);
    return registration->name() == name ? registration : nullptr;
  }
  // [/name]

  /// Its descriptor is gone, and what is reported from now on is about the next one. For the
  /// driver.
  void end_life() noexcept { ++life_; }

 private:
  static constexpr unsigned kAddressBits = 48;

  friend Waiter;
  friend class RegistrationStack;

  void wake(io::Ready ready) noexcept;
  bool take_waiting(io::Ready ready, WakeList& wakers) noexcept;

  Readiness readiness_;
  std::mutex mutex_;
  IntrusiveList<Waiter> waiters_;  ///< Guarded by `mutex_`.
  std::uint16_t life_ = 0;         ///< Written by the driver between two batches of events.
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
