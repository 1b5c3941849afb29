// Ctrl-C for the programs that take leave of their clients before they end.
#pragma once

#include <sys/signalfd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/owned_fd.hpp>
#include <nara/sys/call.hpp>
#include <nara/sys/file.hpp>
#include <span>
#include <system_error>

namespace programs {

/// SIGINT and SIGTERM.
inline sigset_t ends() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  return signals;
}

/// To be called before there is another thread: nothing comes of these signals while they are
/// blocked, and so they can be waited for. pthread_sigmask(3).
inline void block_ends() {
  const sigset_t signals = ends();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

/// Ready when somebody wants the program to end. Whoever says so twice ends it at once. Why not
/// `nara::main()`: that destroys everything at the first Ctrl-C. signalfd(2).
inline nara::Async<> ctrl_c() {
  using nara::AsyncFd;
  using nara::OwnedFd;
  const sigset_t signals = ends();
  const auto opened =
      nara::sys::call([&] { return ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK); });
  auto source = AsyncFd<OwnedFd>::try_new(OwnedFd(opened.value()), nara::io::Interest::kReadable);
  if (!source) throw std::system_error(source.error().cause);
  const auto take = [](const OwnedFd& from) {
    std::array<signalfd_siginfo, 1> signal{};
    return nara::sys::read(from.fd(), std::as_writable_bytes(std::span(signal)));
  };
  const auto taken = co_await source->async_io(nara::io::Interest::kReadable, take);
  (void)taken;
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  std::printf("\nI stop: nobody else comes in. Once more, and I end at once.\n");
}

}  // namespace programs
