// A socket of TCP before it is a connection or a door: for what has to be set first.
#pragma once

#include <nara/io/result.hpp>
#include <nara/net/connecting.hpp>
#include <nara/net/options.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/owned_fd.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace nara::inline NARA_BUILD::net {

/// A socket that is not connected and does not listen yet.
///
///   TcpSocket socket = TcpSocket::new_v4().value();
///   socket.set_reuseaddr(true);
///   socket.bind(address);
///   TcpListener listener = std::move(socket).listen(1024).value();
///
/// Thread safety: that of an `int`. Mirrors `tokio::net::TcpSocket`.
class TcpSocket : public detail::TcpOptions<TcpSocket> {
 public:
  /// A new one, for IPv4 or for IPv6. `EMFILE` when this process has too many descriptors.
  /// socket(2).
  static io::Result<TcpSocket> new_v4() { return of(AF_INET); }
  static io::Result<TcpSocket> new_v6() { return of(AF_INET6); }

  /// A new one, of the kind that `address` is.
  static io::Result<TcpSocket> new_for(const SocketAddr& address) {
    return of(address.is_v4() ? AF_INET : AF_INET6);
  }

  /// Takes over a socket, and makes it non-blocking. Mirrors `TcpSocket::from_std_stream`.
  static io::Result<TcpSocket> from_fd(OwnedFd socket);

  /// Gives the socket back. It stays non-blocking.
  OwnedFd into_fd() && noexcept { return std::move(socket_); }

  int fd() const noexcept { return socket_.fd(); }

  /// Whether `bind()` may take an address whose old connections the kernel still remembers
  /// (TIME_WAIT). SO_REUSEADDR.
  io::Result<void> set_reuseaddr(bool reuse) const { return set(SOL_SOCKET, SO_REUSEADDR, reuse); }
  io::Result<bool> reuseaddr() const { return is_set(SOL_SOCKET, SO_REUSEADDR); }

  /// Whether several sockets may listen at one address: all that say so. The kernel shares the
  /// connections out among them. SO_REUSEPORT.
  io::Result<void> set_reuseport(bool reuse) const { return set(SOL_SOCKET, SO_REUSEPORT, reuse); }
  io::Result<bool> reuseport() const { return is_set(SOL_SOCKET, SO_REUSEPORT); }

  /// Whether a socket for IPv6 is for that alone; else `[::]` takes connections of IPv4, too.
  /// IPV6_V6ONLY.
  io::Result<void> set_only_v6(bool only) const { return set(IPPROTO_IPV6, IPV6_V6ONLY, only); }
  io::Result<bool> only_v6() const { return is_set(IPPROTO_IPV6, IPV6_V6ONLY); }

  /// Uses one network interface alone, such as "eth0"; "" for all. `ENODEV` when there is none of
  /// that name. SO_BINDTODEVICE.
  io::Result<void> bind_device(std::string_view interface) const;
  io::Result<std::string> device() const;

  /// Gives it an address. `EADDRINUSE` when somebody else has that, `EADDRNOTAVAIL` when it is not
  /// one of this machine, `EACCES` for a port below 1024. bind(2).
  io::Result<void> bind(SocketAddr address) const { return sys::bind(fd(), address); }

  /// Takes connections from now on; `backlog` of them may wait to be accepted, within the system's
  /// limit. `EADDRINUSE` when somebody else listens there. Throws `Misuse` when there is no current
  /// runtime. listen(2).
  io::Result<TcpListener> listen(int backlog) &&;

  /// Connects, with all that was set. See `TcpStream::connect()`. Cancel safe: the attempt is given
  /// up.
  Connecting connect(SocketAddr address) && noexcept { return {std::move(socket_), address}; }

 private:
  explicit TcpSocket(OwnedFd socket) noexcept : socket_(std::move(socket)) {}
  static io::Result<TcpSocket> of(int domain);

  OwnedFd socket_;
};

}  // namespace nara::inline NARA_BUILD::net
