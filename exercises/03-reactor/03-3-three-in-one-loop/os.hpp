// Given: descriptors for things that are no pipes, and what can be tried on them. None of these
// functions waits.
#pragma once

#include <spawn.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <nara/async_fd.hpp>
#include <nara/io/result.hpp>
#include <nara/owned_fd.hpp>
#include <nara/sys/call.hpp>
#include <nara/sys/file.hpp>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

/// A descriptor that can be read some day, and what the reactor knows about it.
using Source = nara::AsyncFd<nara::OwnedFd>;

/// Makes the descriptor non-blocking, and registers it. `EPERM` for what nobody can wait for, such
/// as a file.
inline nara::io::Result<Source> adopt(nara::OwnedFd descriptor) {
  const nara::io::Result<void> set = nara::sys::set_nonblocking(descriptor.fd());
  if (!set) return std::unexpected(set.error());
  auto source = Source::try_new(std::move(descriptor), nara::io::Interest::kReadable);
  if (!source) return std::unexpected(source.error().cause);
  return *std::move(source);
}

/// A clock that beats at once, and again after each `period`. It is readable when it has beaten.
/// timerfd_create(2).
inline nara::io::Result<Source> start_clock(std::chrono::milliseconds period) {
  const auto clock = nara::sys::call([] { return ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC); });
  if (!clock) return std::unexpected(clock.error());
  nara::OwnedFd owned(*clock);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(period);
  const std::chrono::nanoseconds rest = period - seconds;
  const itimerspec beats{.it_interval = {.tv_sec = seconds.count(), .tv_nsec = rest.count()},
                         .it_value = {.tv_sec = 0, .tv_nsec = 1}};
  const auto set =
      nara::sys::call([&] { return ::timerfd_settime(owned.fd(), 0, &beats, nullptr); });
  if (!set) return std::unexpected(set.error());
  return adopt(std::move(owned));
}

/// How often the clock has beaten since this was last asked. `EAGAIN` when it has not.
inline nara::io::Result<std::uint64_t> take_beats(const nara::OwnedFd& clock) {
  std::uint64_t beats = 0;
  const auto size = nara::sys::read(clock.fd(), std::as_writable_bytes(std::span(&beats, 1)));
  if (!size) return std::unexpected(size.error());
  return beats;
}

/// Starts a program, with `input` as its standard input. The descriptor is readable when it has
/// ended. posix_spawn(3), pidfd_open(2).
inline nara::io::Result<Source> start_child(std::vector<const char*> command, int input) {
  command.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  pid_t child = -1;
  // Safe because: nobody writes to the words, though the type would allow it.
  auto* const words = const_cast<char* const*>(command.data());
  const int error = ::posix_spawnp(&child, words[0], &actions, nullptr, words, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return std::unexpected(std::error_code(error, std::system_category()));
  const auto opened = nara::sys::call([child] { return ::syscall(SYS_pidfd_open, child, 0); });
  if (!opened) return std::unexpected(opened.error());
  return adopt(nara::OwnedFd(static_cast<int>(*opened)));
}

/// With what a child has ended: its exit code, or 128 and the number of the signal that has ended
/// it. `EAGAIN` while it runs. To be asked until it gives the code, and not again. waitid(2).
inline nara::io::Result<int> exit_code(const nara::OwnedFd& child) {
  constexpr auto kDescriptor = static_cast<idtype_t>(3);  // P_PIDFD. Not all headers know it.
  const auto id = static_cast<id_t>(child.fd());
  siginfo_t end{};
  const auto done =
      nara::sys::call([&] { return ::waitid(kDescriptor, id, &end, WEXITED | WNOHANG); });
  if (!done) return std::unexpected(done.error());
  if (end.si_pid == 0) return std::unexpected(std::error_code(EAGAIN, std::system_category()));
  return end.si_code == CLD_EXITED ? end.si_status : 128 + end.si_status;
}
