// What these tests wait for, and who tells them: pipes, and a reactor that is turned by hand.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <memory>
#include <nara/async_fd.hpp>
#include <nara/counters.hpp>
#include <nara/current.hpp>
#include <nara/io/ready.hpp>
#include <nara/owned_fd.hpp>
#include <nara/reactor.hpp>
#include <nara/scheduler.hpp>
#include <span>
#include <string_view>
#include <utility>

/// Both ends of a pipe, non-blocking.
struct Pipe {
  nara::OwnedFd reader;
  nara::OwnedFd writer;

  Pipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    reader = nara::OwnedFd(ends[0]);
    writer = nara::OwnedFd(ends[1]);
  }
};

/// Two sockets that are connected with each other, non-blocking.
struct Sockets {
  nara::OwnedFd one;
  nara::OwnedFd other;

  Sockets() {
    std::array<int, 2> ends{};
    constexpr int kType = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
    REQUIRE(::socketpair(AF_UNIX, kType, 0, ends.data()) == 0);
    one = nara::OwnedFd(ends[0]);
    other = nara::OwnedFd(ends[1]);
  }
};

/// Closes it now.
inline void close(nara::OwnedFd descriptor) { (void)descriptor; }

/// Writes all of it, past the library, so that no system call is counted.
inline void put(int descriptor, std::string_view text) {
  REQUIRE(::write(descriptor, text.data(), text.size()) == std::ssize(text));
}

/// Reads what there is, past the library, and returns how much that was.
inline std::size_t drain(int descriptor) {
  std::array<std::byte, 4096> buffer{};
  std::size_t all = 0;
  while (true) {
    const ssize_t size = ::read(descriptor, buffer.data(), buffer.size());
    if (size <= 0) return all;
    all += static_cast<std::size_t>(size);
  }
}

/// Writes until there is no more room, past the library, and returns how much that was.
inline std::size_t fill(int descriptor) {
  constexpr std::array<std::byte, 4096> kNothing{};
  std::size_t all = 0;
  while (true) {
    const ssize_t size = ::write(descriptor, kNothing.data(), kNothing.size());
    if (size <= 0) return all;
    all += static_cast<std::size_t>(size);
  }
}

/// How many descriptors this process has open.
inline std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

/// While one is alive, this thread is inside of a runtime that has these services but runs no
/// tasks, and its system calls are counted.
class Inside final : nara::Scheduler {
 public:
  explicit Inside(const nara::Services& services = {}) : services_(services) {}

  /// How many there were since this was last asked.
  std::size_t calls() noexcept { return std::exchange(counters_.system_calls, 0); }

 private:
  void adopt(nara::detail::Task&) noexcept override { std::abort(); }
  void schedule(nara::detail::Task&) noexcept override { std::abort(); }

  nara::Counters counters_;
  nara::Services services_;
  nara::Current inside_{services_, *this, counters_};
};

/// A driver. It is the test that turns it, and this thread is inside of its runtime.
class Turned {
 public:
  /// Takes what the kernel has to say, and wakes whom it is about. True if there was something.
  bool turn() { return driver_->park(std::chrono::nanoseconds(0)); }

  nara::EpollDriver& driver() noexcept { return *driver_; }
  nara::Reactor& reactor() noexcept { return driver_->reactor(); }

  /// How many system calls this thread has made since this was last asked.
  std::size_t calls() noexcept { return inside_.calls(); }

  /// The services of its runtime, for other threads to be inside of it, too.
  nara::Services services() noexcept {
    nara::Services services{};
    driver_->provide(services);
    return services;
  }

 private:
  std::unique_ptr<nara::EpollDriver> driver_ = nara::EpollDriver::open().value();
  Inside inside_{services()};
};

/// The descriptor in the reactor of the current runtime.
inline nara::AsyncFd<nara::OwnedFd> wrap(nara::OwnedFd descriptor) {
  return nara::AsyncFd<nara::OwnedFd>::try_new(std::move(descriptor)).value();
}

inline constexpr nara::io::Interest kBoth =
    nara::io::Interest::kReadable | nara::io::Interest::kWritable;

/// The descriptor in the reactor of that driver.
inline nara::detail::Registered added(Turned& turned, const nara::OwnedFd& descriptor,
                                      nara::io::Interest interest = kBoth) {
  return turned.reactor().add(descriptor.fd(), interest).value();
}

/// What the registration is known to be ready for.
inline nara::io::Ready known(const nara::detail::Registered& registered) {
  return registered->readiness().look(kBoth.mask() | nara::io::Ready::kError).ready;
}
