// epoll and what it can wait for, as the kernel has them.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <climits>
#include <nara/sys/call.hpp>
#include <nara/sys/epoll.hpp>

namespace nara::inline NARA_BUILD::sys {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

io::Result<OwnedFd> owned(io::Result<int> descriptor) noexcept {
  if (!descriptor) return std::unexpected(descriptor.error());
  return OwnedFd(*descriptor);
}

io::Result<void> done(io::Result<int> answer) noexcept {
  if (!answer) return std::unexpected(answer.error());
  return {};
}

io::Result<void> control(int epoll, int operation, int descriptor, epoll_event* event) noexcept {
  return done(call([=] { return ::epoll_ctl(epoll, operation, descriptor, event); }));
}

}  // namespace

io::Result<OwnedFd> epoll_create() noexcept {
  return owned(call([] { return ::epoll_create1(EPOLL_CLOEXEC); }));
}

io::Result<void> epoll_add(int epoll, int descriptor, std::uint32_t events,
                           std::uint64_t data) noexcept {
  epoll_event event{.events = events, .data = {.u64 = data}};
  return control(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

io::Result<void> epoll_remove(int epoll, int descriptor) noexcept {
  return control(epoll, EPOLL_CTL_DEL, descriptor, nullptr);
}

std::span<epoll_event> epoll_wait(int epoll, std::span<epoll_event> into,
                                  std::optional<milliseconds> timeout) noexcept {
  const auto size = static_cast<int>(into.size());
  const std::int64_t limit = timeout ? std::min<std::int64_t>(timeout->count(), INT_MAX) : -1;
  // Why once: after a signal the time would start anew. To return early does no harm.
  const int found =
      call_once([&] { return ::epoll_wait(epoll, into.data(), size, static_cast<int>(limit)); });
  return into.first(static_cast<std::size_t>(std::max(found, 0)));
}

io::Result<OwnedFd> eventfd() noexcept {
  return owned(call([] { return ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }));
}

io::Result<OwnedFd> timerfd() noexcept {
  constexpr int kFlags = TFD_CLOEXEC | TFD_NONBLOCK;
  return owned(call([] { return ::timerfd_create(CLOCK_MONOTONIC, kFlags); }));
}

io::Result<void> timerfd_set(int timer, std::chrono::steady_clock::time_point time) noexcept {
  // At least 1, because 0 would mean never.
  const nanoseconds at = std::max(nanoseconds(time.time_since_epoch()), nanoseconds(1));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  const itimerspec alarm{
      .it_interval = {},
      .it_value = {.tv_sec = seconds.count(), .tv_nsec = (at - seconds).count()}};
  return done(call([&] { return ::timerfd_settime(timer, TFD_TIMER_ABSTIME, &alarm, nullptr); }));
}

}  // namespace nara::inline NARA_BUILD::sys
