// Sockets that are nothing yet.
#include <net/if.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <nara/net/tcp_socket.hpp>
#include <nara/sys/file.hpp>

namespace nara::inline NARA_BUILD::net {

io::Result<TcpSocket> TcpSocket::of(int domain) {
  io::Result<OwnedFd> socket = sys::socket(domain, SOCK_STREAM);
  if (!socket) return std::unexpected(socket.error());
  return TcpSocket(*std::move(socket));
}

io::Result<TcpSocket> TcpSocket::from_fd(OwnedFd socket) {
  if (const auto set = sys::set_nonblocking(socket.fd()); !set) {
    return std::unexpected(set.error());
  }
  return TcpSocket(std::move(socket));
}

io::Result<void> TcpSocket::bind_device(std::string_view interface) const {
  return sys::set_option(fd(), SOL_SOCKET, SO_BINDTODEVICE, interface.data(),
                         static_cast<socklen_t>(interface.size()));
}

io::Result<std::string> TcpSocket::device() const {
  // What is longer than the name stays 0.
  const auto name =
      sys::get_option<std::array<char, IFNAMSIZ + 1>>(fd(), SOL_SOCKET, SO_BINDTODEVICE);
  if (!name) return std::unexpected(name.error());
  return std::string(name->data());
}

io::Result<TcpListener> TcpSocket::listen(int backlog) && {
  if (const auto begun = sys::listen(fd(), backlog); !begun) {
    return std::unexpected(begun.error());
  }
  return TcpListener::registered(std::move(socket_));
}

}  // namespace nara::inline NARA_BUILD::net
