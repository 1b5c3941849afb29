// Waiting for a registration, polled by hand, and wakers that do what a test says.
#pragma once

#include <functional>
#include <nara/detail/registration.hpp>
#include <nara/io/ready.hpp>
#include <nara/poll.hpp>
#include <nara/waker.hpp>

#include "printed.hpp"

/// The future that a `Waiter` is a part of.
class Wait {
 public:
  using Output = nara::detail::ReadyEvent;

  Wait(nara::detail::Registration& registration, nara::io::Interest interest) noexcept
      : registration_(registration), interest_(interest) {}

  nara::Poll<Output> poll(nara::Context& context) noexcept {
    return waiter_.poll(registration_, interest_.mask(), context);
  }

 private:
  nara::detail::Registration& registration_;
  nara::io::Interest interest_;
  nara::detail::Waiter waiter_;
};

/// The kernel says this about the descriptor of that registration.
inline void deliver(const nara::detail::Registration& registration,
                    nara::io::Ready ready) noexcept {
  nara::detail::Registration::deliver(registration.name(), ready);
}

/// Makes wakers that call functions. It has to outlive them.
class Calls {
 public:
  std::function<void()> on_wake = [] {};
  std::function<void()> on_drop = [] {};
  int clones = 0;

  nara::Waker waker() noexcept { return nara::Waker(this, kCalls); }

 private:
  static Calls& self(void* data) noexcept { return *static_cast<Calls*>(data); }

  static const nara::WakerVTable kCalls;
};

inline constexpr nara::WakerVTable Calls::kCalls{
    .clone = [](void* data) noexcept { ++self(data).clones; },
    .wake = [](void* data) noexcept { self(data).on_wake(); },
    .wake_by_ref = [](void* data) noexcept { self(data).on_wake(); },
    .drop = [](void* data) noexcept { self(data).on_drop(); },
};
