// How a stream comes to be.
#include <nara/net/tcp_socket.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/sys/file.hpp>

namespace nara::inline NARA_BUILD::net {

// [connect]
Async<io::Result<TcpStream>> TcpStream::connect(ToSocketAddrs where) {
  const auto addresses = co_await lookup_host(std::move(where));
  if (!addresses) co_return std::unexpected(addresses.error());
  io::Result<TcpStream> stream = std::unexpected(make_error_code(Errc::kNoSuchHost));
  for (const SocketAddr address : *addresses) {
    io::Result<TcpSocket> socket = TcpSocket::new_for(address);
    if (!socket) {
      stream = std::unexpected(socket.error());
      continue;
    }
    Connecting connecting = std::move(*socket).connect(address);
    stream = co_await connecting;
    if (stream) break;
  }
  co_return stream;
}
// [/connect]

io::Result<TcpStream> TcpStream::registered(OwnedFd socket) {
  auto added = AsyncFd<OwnedFd>::try_new(std::move(socket));
  if (!added) return std::unexpected(added.error().cause);
  return TcpStream(*std::move(added));
}

// [from_fd]
io::Result<TcpStream> TcpStream::from_fd(OwnedFd socket) {
  if (const auto set = sys::set_nonblocking(socket.fd()); !set) {
    return std::unexpected(set.error());
  }
  return registered(std::move(socket));
}
// [/from_fd]

io::Result<void> TcpStream::end_writing() const {
  const io::Result<void> done = sys::shutdown(fd(), SHUT_WR);
  // The other side is gone: then both directions have ended.
  if (!done && done.error() != std::errc::not_connected) return done;
  return {};
}

}  // namespace nara::inline NARA_BUILD::net
