// System calls for waiting on many descriptors at once.
#pragma once

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <nara/io/result.hpp>
#include <nara/owned_fd.hpp>
#include <optional>
#include <span>

namespace nara::inline NARA_BUILD::sys {

/// A new epoll instance, close-on-exec. `EMFILE` when this process has too many descriptors.
/// epoll_create1(2).
io::Result<OwnedFd> epoll_create() noexcept;

/// From now on, `epoll` reports `events` of `descriptor`, with `data`. `EEXIST` when it does so
/// already, `EPERM` when the descriptor is a file, for which there is nothing to wait.
/// epoll_ctl(2).
io::Result<void> epoll_add(int epoll, int descriptor, std::uint32_t events,
                           std::uint64_t data) noexcept;

/// From now on, it does not. `ENOENT` when it did not before. epoll_ctl(2).
io::Result<void> epoll_remove(int epoll, int descriptor) noexcept;

/// Waits for events, for ever without `timeout`, and returns those that there are. None when the
/// time is over, or a signal came. epoll_wait(2).
std::span<epoll_event> epoll_wait(int epoll, std::span<epoll_event> into,
                                  std::optional<std::chrono::milliseconds> timeout) noexcept;

/// A counter that is readable once it is not 0; close-on-exec and non-blocking. eventfd(2).
io::Result<OwnedFd> eventfd() noexcept;

/// An alarm clock that is readable once it has rung; close-on-exec and non-blocking.
/// timerfd_create(2).
io::Result<OwnedFd> timerfd() noexcept;

/// From now on, `timer` rings at `time`, at once if that has passed, and not when it was to ring
/// before. timerfd_settime(2).
io::Result<void> timerfd_set(int timer, std::chrono::steady_clock::time_point time) noexcept;

}  // namespace nara::inline NARA_BUILD::sys
