// epoll and eventfd, as the kernel has them.
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <nara/sys/call.hpp>
#include <nara/sys/epoll.hpp>

namespace nara::inline NARA_BUILD::sys {

namespace {

using std::chrono::nanoseconds;

/// Longer than any machine runs, and short enough for every field that holds a time.
constexpr nanoseconds kLongest = std::chrono::hours(24 * 365);

io::Result<OwnedFd> owned(io::Result<int> descriptor) noexcept {
  if (!descriptor) return std::unexpected(descriptor.error());
  return OwnedFd(*descriptor);
}

io::Result<void> control(int epoll, int operation, int descriptor, epoll_event* event) noexcept {
  const auto done = call([=] { return ::epoll_ctl(epoll, operation, descriptor, event); });
  if (!done) return std::unexpected(done.error());
  return {};
}

/// What the kernel says: the number of events, or -1.
int wait(int epoll, std::span<epoll_event> into, std::optional<nanoseconds> timeout) noexcept {
  using namespace std::chrono;
  const int size = static_cast<int>(into.size());
  if (!timeout || *timeout == 0ns) {
    return ::epoll_wait(epoll, into.data(), size, timeout ? 0 : -1);
  }
  const nanoseconds limit = std::min(*timeout, kLongest);
  const timespec time{.tv_sec = floor<seconds>(limit).count(), .tv_nsec = (limit % 1s).count()};
  const int found = ::epoll_pwait2(epoll, into.data(), size, &time, nullptr);
  if (found != -1 || errno != ENOSYS) return found;
  const auto ms = std::min<std::int64_t>(ceil<milliseconds>(limit).count(), INT_MAX);
  return ::epoll_wait(epoll, into.data(), size, static_cast<int>(ms));
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
                                  std::optional<nanoseconds> timeout) noexcept {
  count();
  // Why not call(): after a signal the time would start anew. To return early does no harm.
  const int found = wait(epoll, into, timeout);
  return into.first(static_cast<std::size_t>(std::max(found, 0)));
}

io::Result<OwnedFd> eventfd() noexcept {
  return owned(call([] { return ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }));
}

}  // namespace nara::inline NARA_BUILD::sys
