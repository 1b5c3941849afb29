// Those who want permits, polled by hand.
#pragma once

#include <cstddef>
#include <functional>
#include <nara/context.hpp>
#include <nara/detail/permits.hpp>
#include <nara/poll.hpp>
#include <nara/waker.hpp>
#include <string_view>
#include <testkit/by_hand.hpp>

/// The least that a future can be that waits for permits.
class Want {
 public:
  using Output = nara::detail::Held;
  static constexpr std::string_view kWaitsFor = "a Want";

  explicit Want(nara::detail::Permits& permits, std::size_t count = 1) : waiter_(permits, count) {}

  nara::Poll<Output> poll(nara::Context& context) { return waiter_.poll(context, kWaitsFor); }

 private:
  nara::detail::PermitWaiter waiter_;
};

using Waiting = nara::test::ByHand<Want>;

/// A waker that does something when it is woken, and when the last one of its kind is dropped: what
/// a scheduler does, and what a task does that nobody else keeps.
class Acting {
 public:
  std::function<void()> when_woken = [] {};
  std::function<void()> when_gone = [] {};

  nara::Waker waker() noexcept {
    ++wakers_;
    return nara::Waker(this, kActing);
  }

 private:
  static Acting& of(void* data) noexcept { return *static_cast<Acting*>(data); }

  void drop() {
    if (--wakers_ == 0) when_gone();
  }

  static const nara::WakerVTable kActing;

  int wakers_ = 0;
};

inline constexpr nara::WakerVTable Acting::kActing{
    .clone = [](void* data) noexcept { ++of(data).wakers_; },
    .wake =
        [](void* data) noexcept {
          of(data).when_woken();
          of(data).drop();
        },
    .wake_by_ref = [](void* data) noexcept { of(data).when_woken(); },
    .drop = [](void* data) noexcept { of(data).drop(); },
};
