// What these tests wait for: pipes, sockets, and what is known about them.
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <iterator>
#include <nara/async_fd.hpp>
#include <nara/io/ready.hpp>
#include <nara/owned_fd.hpp>
#include <nara/reactor.hpp>
#include <string_view>
#include <testkit/descriptors.hpp>
#include <testkit/turned.hpp>
#include <utility>

#include "printed.hpp"

using nara::test::Inside;
using nara::test::open_descriptors;
using nara::test::Turned;

/// Both ends of a pipe, non-blocking.
struct Pipe : nara::test::Pipe {
  Pipe() : nara::test::Pipe(O_NONBLOCK) {}
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
