// How a socket of UDP comes to be, and what it does that is more than one system call.
#include <algorithm>
#include <array>
#include <nara/net/udp_socket.hpp>
#include <nara/sys/file.hpp>
#include <nara/todo.hpp>

namespace nara::inline NARA_BUILD::net {

namespace {

io::Result<OwnedFd> socket_for(const SocketAddr& address) {
  return sys::socket(address.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM);
}

io::Result<void> let_share(int descriptor) {
  const auto reuse = sys::set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
  if (!reuse) return reuse;
  return sys::set_option(descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
}

/// What the kernel reads of one datagram that is sent.
struct Letter {
  iovec piece{};
  sys::RawAddr to;
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(std::uint16_t))> control{};

  /// Safe because: what is sent is only read. It must not be moved while `message` is used.
  void write(const Datagram& datagram, msghdr& message) noexcept {
    piece = {.iov_base = const_cast<std::byte*>(datagram.bytes.data()),
             .iov_len = datagram.bytes.size()};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    if (datagram.peer.port() != 0) {
      to = sys::RawAddr(datagram.peer);
      message.msg_name = to.data();
      message.msg_namelen = to.size;
    }
    if (datagram.segment != 0) sys::set_segment(message, control, datagram.segment);
  }
};

}  // namespace

io::Result<std::size_t> detail::SendMany::operator()(const OwnedFd& socket) const noexcept {
  std::array<Letter, UdpSocket::kMostSent> letters;
  std::array<mmsghdr, UdpSocket::kMostSent> messages{};
  const std::size_t count = std::min(datagrams.size(), messages.size());
  for (std::size_t i = 0; i < count; ++i) letters[i].write(datagrams[i], messages[i].msg_hdr);
  return sys::send_many(socket.fd(), std::span(messages).first(count));
}

Async<io::Result<UdpSocket>> UdpSocket::bind(ToSocketAddrs where) {
  const auto addresses = co_await lookup_host(std::move(where));
  if (!addresses) co_return std::unexpected(addresses.error());
  io::Result<UdpSocket> bound = std::unexpected(make_error_code(Errc::kNoSuchHost));
  for (const SocketAddr address : *addresses) {
    bound = bind_to(address);
    if (bound) break;
  }
  co_return bound;
}

io::Result<UdpSocket> UdpSocket::bind_to(SocketAddr address) {
  io::Result<OwnedFd> socket = socket_for(address);
  if (!socket) return std::unexpected(socket.error());
  if (const auto bound = sys::bind(socket->fd(), address); !bound) {
    return std::unexpected(bound.error());
  }
  return registered(*std::move(socket));
}

io::Result<UdpSocket> UdpSocket::bind_shared(SocketAddr address) {
  io::Result<OwnedFd> socket = socket_for(address);
  if (!socket) return std::unexpected(socket.error());
  io::Result<void> done = let_share(socket->fd());
  if (done) done = sys::bind(socket->fd(), address);
  if (!done) return std::unexpected(done.error());
  return registered(*std::move(socket));
}

io::Result<UdpSocket> UdpSocket::from_fd(OwnedFd socket) {
  if (const auto set = sys::set_nonblocking(socket.fd()); !set) {
    return std::unexpected(set.error());
  }
  return registered(std::move(socket));
}

io::Result<UdpSocket> UdpSocket::registered(OwnedFd socket) {
  auto added = AsyncFd<OwnedFd>::try_new(std::move(socket));
  if (!added) return std::unexpected(added.error().cause);
  return UdpSocket(*std::move(added));
}

Async<io::Result<void>> UdpSocket::connect(ToSocketAddrs whom) const {
  const auto addresses = co_await lookup_host(std::move(whom));
  if (!addresses) co_return std::unexpected(addresses.error());
  io::Result<void> connected = std::unexpected(make_error_code(Errc::kNoSuchHost));
  for (const SocketAddr address : *addresses) {
    // It never takes a while: nothing is sent.
    connected = sys::connect(fd(), address);
    if (connected) break;
  }
  co_return connected;
}

template <class Operation>
Poll<std::invoke_result_t<Operation, const OwnedFd&>> UdpSocket::poll_io(Wait& wait,
                                                                         io::Interest interest,
                                                                         Context& context,
                                                                         Operation operation) {
  return todo("07-layer: poll_io() waits with `wait`, and tries as soon as it is ready");
}

Poll<io::Result<std::size_t>> UdpSocket::poll_send(Context& context,
                                                   std::span<const std::byte> bytes) {
  return poll_io(sending_, io::Interest::kWritable, context, detail::SendOne{bytes});
}

Poll<io::Result<std::size_t>> UdpSocket::poll_send_to(Context& context,
                                                      std::span<const std::byte> bytes,
                                                      SocketAddr to) {
  return poll_io(sending_, io::Interest::kWritable, context, detail::SendOneTo{bytes, to});
}

Poll<io::Result<Received>> UdpSocket::poll_recv(Context& context, std::span<std::byte> into) {
  return poll_io(receiving_, io::Interest::kReadable, context, detail::RecvOne{into});
}

Poll<io::Result<ReceivedFrom>> UdpSocket::poll_recv_from(Context& context,
                                                         std::span<std::byte> into) {
  return poll_io(receiving_, io::Interest::kReadable, context, detail::RecvOneFrom{into});
}

Poll<io::Result<ReceivedFrom>> UdpSocket::poll_peek_from(Context& context,
                                                         std::span<std::byte> into) {
  return poll_io(receiving_, io::Interest::kReadable, context, detail::RecvOneFrom{into, MSG_PEEK});
}

}  // namespace nara::inline NARA_BUILD::net
