// A reactor in forty lines: an epoll loop that wakes wakers. It fits into the seam of lesson 02,
// so that an executor can sleep in it.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <nara/context.hpp>
#include <nara/owned_fd.hpp>
#include <nara/park.hpp>
#include <nara/poll.hpp>
#include <nara/waker.hpp>
#include <optional>
#include <utility>

class ToyReactor;

// [future]
/// Ready when there was news of the descriptor since the first poll.
struct Readable {
  using Output = void;
  ToyReactor& reactor;
  int descriptor;
  bool has_waited = false;

  nara::Poll<void> poll(nara::Context& context);
};
// [/future]

// [reactor]
class ToyReactor final : public nara::Park {
 public:
  /// `trigger` is EPOLLET or nothing.
  explicit ToyReactor(std::uint32_t trigger = 0) : trigger_(trigger) {}

  /// From now on, the kernel looks after the descriptor, too.
  void watch(int descriptor) {
    epoll_event event{.events = EPOLLIN | trigger_, .data = {.fd = descriptor}};
    (void)::epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, descriptor, &event);
  }

  /// The next news of the descriptor is to wake the waker.
  void remember(int descriptor, const nara::Waker& waker) {
    waiting_.insert_or_assign(descriptor, waker.clone());
  }

  Readable readable(int descriptor) { return {*this, descriptor}; }

  // [park]
  /// Sleeps until there is news, and wakes who waits for it. True when there was some.
  bool park(Deadline deadline) override {
    std::array<epoll_event, 16> events;
    const int milliseconds = deadline ? 0 : -1;  // Look, or sleep for ever.
    const int found = ::epoll_wait(epoll_.fd(), events.data(), 16, milliseconds);
    for (int i = 0; i < found; ++i) {
      const auto waiting = waiting_.find(events[i].data.fd);
      if (waiting == waiting_.end()) continue;
      std::exchange(waiting->second, nara::Waker::noop()).wake();
    }
    return found > 0;
  }
  // [/park]

  void unpark() noexcept override {}  // Later.

 private:
  const nara::OwnedFd epoll_{::epoll_create1(EPOLL_CLOEXEC)};
  const std::uint32_t trigger_;
  std::map<int, nara::Waker> waiting_;
};
// [/reactor]

// [poll]
inline nara::Poll<void> Readable::poll(nara::Context& context) {
  if (std::exchange(has_waited, true)) return nara::kReady;
  reactor.remember(descriptor, context.waker());
  return nara::kPending;
}
// [/poll]
