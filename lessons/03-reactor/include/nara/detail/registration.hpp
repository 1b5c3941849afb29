// One descriptor's place in the reactor: what is known about it, and who waits for more.
//
//   Registration
//   ┌──────────────────────────────┐        Waiter            Waiter
//   │ readiness   the word         │     ┌───────────┐     ┌───────────┐
//   │ waiters     guarded by a ────┼────►│ readable  │◄───►│ writable  │   each in the frame of
//   │             mutex            │     │ its waker │     │ its waker │   the task that waits
//   └──────────────────────────────┘     └───────────┘     └───────────┘
//
// The driver sets the word and takes the waiters in one go, under the lock. Who waits looks at the
// word once more under the lock before it joins them. So whoever comes second sees the other.
#pragma once

#include <atomic>
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
    assert(other.registration_.load() == nullptr && "a future was moved after its first poll");
  }
  Waiter& operator=(Waiter&&) = delete;
  ~Waiter() { leave(); }

  /// Ready with what of `mask` is ready: never with nothing, except when the reactor is gone.
  /// It takes one unit of the budget.
  Poll<ReadyEvent> poll(Registration& registration, io::Ready mask, Context& context) noexcept;

  /// Stops waiting.
  void leave() noexcept {
    // Acquire: pairs with take_waiting(), which is done with it then.
    Registration* const registration = registration_.load(std::memory_order_acquire);
    if (registration != nullptr) leave(*registration);
  }

 private:
  friend Registration;

  ReadyEvent join(Registration& registration, io::Ready mask, const Waker& waker) noexcept;
  void leave(Registration& registration) noexcept;

  /// In whose list it stands, or null: it was taken out, and needs no lock to go.
  std::atomic<Registration*> registration_ = nullptr;
  io::Ready mask_;
  Waker waker_ = Waker::noop();  ///< Guarded by the registration's mutex, like the links.
};

/// Lives as long as its reactor: the kernel may point to it for longer than the descriptor lives.
class Registration {
 public:
  Readiness& readiness() noexcept { return readiness_; }

  /// An event has come for the one that the kernel calls `name`: sets the bits, and wakes those who
  /// wait for them. Does nothing if it is about a descriptor that has been closed since.
  static void deliver(std::uint64_t name, io::Ready ready) noexcept;

  /// The driver is gone: wakes everybody.
  void shut_down() noexcept;

  // [name]
  /// What the kernel is to call it: its address, and which of its lives this is. What the kernel
  /// says about a descriptor may come after that was closed: in a batch that was taken before, or
  /// because it was copied (dup, fork), and then the kernel does not forget it.
  std::uint64_t name() const noexcept {
    // Safe because: addresses of user space have 48 bits, on x86-64 and on arm64.
    return reinterpret_cast<std::uintptr_t>(this) | std::uint64_t{life_} << kAddressBits;
  }

  /// Its descriptor is gone: what the kernel says of the old name is nothing to the next one.
  void end_life() noexcept {
    const std::lock_guard lock(mutex_);
    ++life_;
  }
  // [/name]

 private:
  static constexpr unsigned kAddressBits = 48;
  static constexpr std::uint64_t kAddress = (std::uint64_t{1} << kAddressBits) - 1;

  friend Waiter;
  friend class RegistrationStack;

  void wake(io::Ready ready, std::unique_lock<std::mutex> lock) noexcept;
  bool take_waiting(io::Ready ready, WakeList& wakers) noexcept;

  Readiness readiness_;
  std::uint16_t life_ = 0;  ///< Written with `mutex_` held.
  std::mutex mutex_;
  IntrusiveList<Waiter> waiters_;  ///< Guarded by `mutex_`.
  Registration* next_ = nullptr;   ///< In a stack of those without a descriptor.
};

// [poll]
inline Poll<ReadyEvent> Waiter::poll(Registration& registration, io::Ready mask,
                                     Context& context) noexcept {
  ReadyEvent event = registration.readiness().look(mask);
  if (event.is_nothing()) event = join(registration, mask, context.waker());
  if (event.is_nothing()) return kPending;
  if (!context.spend()) {
    context.yield();
    return kPending;
  }
  leave();
  return event;
}
// [/poll]

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
