// System calls on sockets.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cstddef>
#include <nara/io/result.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/owned_fd.hpp>
#include <span>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD::sys {

/// An address as the kernel wants it, or room for one that it writes.
class RawAddr {
 public:
  RawAddr() noexcept = default;
  explicit RawAddr(const net::SocketAddr& address) noexcept;

  sockaddr* data() noexcept { return reinterpret_cast<sockaddr*>(&raw_); }
  const sockaddr* data() const noexcept { return reinterpret_cast<const sockaddr*>(&raw_); }

  socklen_t size = sizeof(sockaddr_in6);  ///< Bytes of it that are used.

 private:
  sockaddr_in6 raw_{};  // One of IPv4 is shorter.
};

/// An address that the kernel has written, which has to be one of AF_INET or AF_INET6.
net::SocketAddr address_of(const sockaddr& raw) noexcept;

/// A new socket, close-on-exec and non-blocking. `domain` is AF_INET or AF_INET6, `type`
/// SOCK_STREAM or SOCK_DGRAM. `EMFILE` when this process has too many descriptors. socket(2).
io::Result<OwnedFd> socket(int domain, int type) noexcept;

/// Gives it an address. `EADDRINUSE` when somebody has that, `EACCES` for a port below 1024.
/// bind(2).
io::Result<void> bind(int descriptor, const net::SocketAddr& address) noexcept;

/// From now on, it takes connections; at most `backlog` wait to be accepted. listen(2).
io::Result<void> listen(int descriptor, int backlog) noexcept;

/// A connection, and who has made it.
struct AcceptedFd {
  OwnedFd socket;
  net::SocketAddr peer;
};

/// The next connection, close-on-exec and non-blocking, and who has made it. `EAGAIN` when there is
/// none, `ECONNABORTED` when it has gone meanwhile, `EMFILE` when this process has too many
/// descriptors. accept4(2).
io::Result<AcceptedFd> accept(int descriptor) noexcept;

/// Begins to connect it. `EINPROGRESS` when that takes a while, and also when a signal has come:
/// then it goes on by itself. connect(2).
io::Result<void> connect(int descriptor, const net::SocketAddr& address) noexcept;

/// Sends nothing more (SHUT_WR), takes nothing more (SHUT_RD), or neither. `ENOTCONN` when the
/// other side is gone. shutdown(2).
io::Result<void> shutdown(int descriptor, int how) noexcept;

/// Its own address, and that of whom it is connected with. getsockname(2), getpeername(2).
io::Result<net::SocketAddr> local_addr(int descriptor) noexcept;
io::Result<net::SocketAddr> peer_addr(int descriptor) noexcept;

/// Receives at most `into.size()` bytes. 0 for the end of a stream. `EAGAIN` when there is nothing
/// yet. recv(2).
io::Result<std::size_t> recv(int descriptor, std::span<std::byte> into, int flags = 0) noexcept;

/// Sends as many of the bytes as there is room for. `EAGAIN` when there is none, `EPIPE` when
/// nobody will receive them: without a signal. send(2).
io::Result<std::size_t> send(int descriptor, std::span<const std::byte> bytes) noexcept;

/// The same from and to several pieces of memory, in their order. readv(2), sendmsg(2).
io::Result<std::size_t> recv(int descriptor, std::span<const iovec> into) noexcept;
io::Result<std::size_t> send(int descriptor, std::span<const iovec> pieces) noexcept;

/// Reads an option into `value`. getsockopt(2).
io::Result<void> get_option(int descriptor, int level, int name, void* value,
                            socklen_t size) noexcept;

/// Sets it. setsockopt(2).
io::Result<void> set_option(int descriptor, int level, int name, const void* value,
                            socklen_t size) noexcept;

/// An option that is a `T`, such as an `int` or a `linger`.
template <class T>
  requires std::is_trivially_copyable_v<T>
io::Result<T> get_option(int descriptor, int level, int name) noexcept {
  T value{};
  if (const auto got = get_option(descriptor, level, name, &value, sizeof value); !got) {
    return std::unexpected(got.error());
  }
  return value;
}

template <class T>
  requires std::is_trivially_copyable_v<T>
io::Result<void> set_option(int descriptor, int level, int name, T value) noexcept {
  return set_option(descriptor, level, name, &value, sizeof value);
}

}  // namespace nara::inline NARA_BUILD::sys
