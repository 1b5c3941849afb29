// A socket of UDP: datagrams, each by itself.
//
//      one side                  the network                      the other
//
//   send_to("abc") ───────────► ┌─────┐
//   send_to("")    ───────────► │ abc │ ──────────► recv_from(10 bytes)   "abc"
//   send_to("defg")───────────► │     │ ──────────► recv_from(10 bytes)   "": it is data, no end
//   send_to("hi")  ─────────╳   │ defg│ ──────────► recv_from(2 bytes)    "de", truncated
//                               └─────┘
//
// A datagram arrives whole or not at all: two never melt into one, and none is read in two pieces,
// so what does not fit into the buffer is lost. There is no connection, so nobody says that it has
// ended, or that nobody listens. Datagrams may be lost, overtake each other, or arrive twice; when
// the receiver is too slow, the kernel throws away what has no room. Sending tells none of that.
//
// Readiness is for a queue of datagrams, and not for bytes. That one was shorter than the buffer
// says nothing about the next, which may lie there already: only EAGAIN says that there is none, or
// a batch that was not filled.
#pragma once

#include <cstddef>
#include <memory>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/context.hpp>
#include <nara/io/ready.hpp>
#include <nara/io/result.hpp>
#include <nara/net/datagram.hpp>
#include <nara/net/lookup.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/net/udp_operations.hpp>
#include <nara/net/udp_options.hpp>
#include <nara/owned_fd.hpp>
#include <nara/poll.hpp>
#include <nara/sys/socket.hpp>
#include <span>
#include <utility>

namespace nara::inline NARA_BUILD::net {

/// A socket of UDP: it sends datagrams to anybody, and receives them from anybody, or just from the
/// one whom it is connected with.
///
/// It belongs to the runtime in which it was made: when that is gone, all operations give
/// `io::Errc::kShutdown`. It can be moved while nobody waits. Cancel safety: all that can be
/// awaited can be destroyed at any time; a datagram was sent or received only if it was ready.
/// Thread safety: any number of tasks may send and receive at once, on any threads; each datagram
/// goes to one of them. Mirrors `tokio::net::UdpSocket`.
class UdpSocket : public detail::UdpOptions<UdpSocket> {
 public:
  /// The longest datagram that IPv4 carries, in bytes: a longer one is `EMSGSIZE`.
  static constexpr std::size_t kMostBytes = 65'507;

  /// How many datagrams one system call sends at most.
  static constexpr std::size_t kMostSent = 64;

  /// A socket at the first of the addresses where that can be done. With port 0, the kernel chooses
  /// one: see `local_addr()`. At 0.0.0.0 or [::] it receives what comes to any address of this
  /// machine.
  ///
  /// Gives an `Errc` when the text is no address, and the last error when none can be used:
  /// `EADDRINUSE` when somebody else has it, `EADDRNOTAVAIL` when it is none of this machine,
  /// `EACCES` for a port below 1024. Throws `Misuse` when there is no current runtime. bind(2).
  /// Cancel safe: nothing was bound, or it is closed. Mirrors `tokio::net::UdpSocket::bind`.
  static Async<io::Result<UdpSocket>> bind(ToSocketAddrs where);

  /// A socket at an address that others may have, too: all that were made by this function. What is
  /// sent to a group comes to each of them that has joined it, anything else to one of them.
  /// Errors and `Misuse` as above. SO_REUSEADDR, SO_REUSEPORT, bind(2).
  static io::Result<UdpSocket> bind_shared(SocketAddr address);

  UdpSocket(UdpSocket&& other) noexcept : socket_(std::move(other).let_go()) {}
  UdpSocket& operator=(UdpSocket&& other) noexcept {
    forget_polls();
    socket_ = std::move(other).let_go();
    return *this;
  }
  ~UdpSocket() = default;

  /// Takes over a socket of UDP, and makes it non-blocking. Mirrors `UdpSocket::from_std`.
  static io::Result<UdpSocket> from_fd(OwnedFd socket);

  /// Gives the socket back. It stays non-blocking. Mirrors `UdpSocket::into_std`.
  OwnedFd into_fd() && { return std::move(*this).let_go().into_inner(); }

  /// From now on, `send()` sends to the first of the addresses that can be reached, and what comes
  /// from anybody else is not received any more. Nobody is asked whether they listen. Another
  /// `connect()` changes it. Gives an `Errc` when the text is no address, and the last error when
  /// none can be used, such as `ENETUNREACH`. connect(2). Cancel safe: it has changed nothing, or
  /// is done. The socket has to outlive it. Mirrors `tokio::net::UdpSocket::connect`.
  Async<io::Result<void>> connect(ToSocketAddrs whom) const;

  /// Whom it is connected with. `ENOTCONN` for nobody. getpeername(2).
  io::Result<SocketAddr> peer_addr() const { return sys::peer_addr(fd()); }

  /// Sends one datagram, of 0 bytes or more, to the one whom the socket is connected with, and
  /// gives its size. It is ready when the kernel has the datagram; whether that arrives, nobody
  /// says.
  ///
  /// `EDESTADDRREQ` when it is connected with nobody, `EMSGSIZE` when the datagram is too long,
  /// `ECONNREFUSED` when an earlier one has come to a machine where nobody listens: that is told
  /// once, to whoever sends or receives next, and nothing was sent. send(2). Cancel safe: nothing
  /// was sent.
  auto send(std::span<const std::byte> bytes) const {
    return socket_.async_io(io::Interest::kWritable, detail::SendOne{bytes});
  }

  /// The same to `to`, also when the socket is connected with somebody else. `EACCES` when that is
  /// everybody (see `set_broadcast()`), `EINVAL` for port 0, `EAFNOSUPPORT` for an address of IPv6
  /// when the socket is one of IPv4. sendto(2). Cancel safe: nothing was sent.
  auto send_to(std::span<const std::byte> bytes, SocketAddr to) const {
    return socket_.async_io(io::Interest::kWritable, detail::SendOneTo{bytes, to});
  }

  /// Receives the next datagram: its first `into.size()` bytes, and the others are lost. For a
  /// socket that is connected; `recv_from()` also says who has sent it. `ECONNREFUSED` as above.
  /// recv(2). Cancel safe: nothing was received.
  auto recv(std::span<std::byte> into) const {
    return socket_.async_io(io::Interest::kReadable, detail::RecvOne{into});
  }

  /// The same, and who has sent it. recvfrom(2). Cancel safe: nothing was received.
  auto recv_from(std::span<std::byte> into) const {
    return socket_.async_io(io::Interest::kReadable, detail::RecvOneFrom{into});
  }

  /// The same as `recv()` and `recv_from()`, and the datagram stays there for the next one, all of
  /// it. MSG_PEEK. Cancel safe: it changes nothing.
  auto peek(std::span<std::byte> into) const {
    return socket_.async_io(io::Interest::kReadable, detail::RecvOne{into, MSG_PEEK});
  }
  auto peek_from(std::span<std::byte> into) const {
    return socket_.async_io(io::Interest::kReadable, detail::RecvOneFrom{into, MSG_PEEK});
  }

  /// Who has sent the next datagram, which stays there. Cancel safe: it changes nothing. Mirrors
  /// `UdpSocket::peek_sender`.
  auto peek_sender() const {
    return socket_.async_io(io::Interest::kReadable, detail::PeekSender());
  }

  /// Receives as many datagrams as are there and there is room for, at least one, and gives how
  /// many. Throws `Misuse` when `batch` was moved from. recvmmsg(2). Cancel safe: nothing was
  /// received, and the batch may be empty. The batch has to outlive it.
  auto recv_batch(RecvBatch& batch) const {
    return socket_.async_io(io::Interest::kReadable, detail::RecvMany{&batch});
  }

  /// Sends as many of the datagrams as there is room for, in their order, at least one and at most
  /// `kMostSent`, and gives how many. A `RecvBatch` is such datagrams, too. When one of them cannot
  /// be sent, those before it are, and the next call, which begins with it, says why: the errors
  /// are those of `send()` and `send_to()`, and `EINVAL` when the kernel knows no segments.
  /// sendmmsg(2). Cancel safe: nothing was sent.
  auto send_batch(std::span<const Datagram> datagrams) const {
    return socket_.async_io(io::Interest::kWritable, detail::SendMany{datagrams});
  }

  /// The same without waiting: `EAGAIN` when nothing can be done now.
  io::Result<std::size_t> try_send(std::span<const std::byte> bytes) const {
    return socket_.try_io(io::Interest::kWritable, detail::SendOne{bytes});
  }
  io::Result<std::size_t> try_send_to(std::span<const std::byte> bytes, SocketAddr to) const {
    return socket_.try_io(io::Interest::kWritable, detail::SendOneTo{bytes, to});
  }
  io::Result<Received> try_recv(std::span<std::byte> into) const {
    return socket_.try_io(io::Interest::kReadable, detail::RecvOne{into});
  }
  io::Result<ReceivedFrom> try_recv_from(std::span<std::byte> into) const {
    return socket_.try_io(io::Interest::kReadable, detail::RecvOneFrom{into});
  }
  io::Result<Received> try_peek(std::span<std::byte> into) const {
    return socket_.try_io(io::Interest::kReadable, detail::RecvOne{into, MSG_PEEK});
  }
  io::Result<ReceivedFrom> try_peek_from(std::span<std::byte> into) const {
    return socket_.try_io(io::Interest::kReadable, detail::RecvOneFrom{into, MSG_PEEK});
  }
  io::Result<SocketAddr> try_peek_sender() const {
    return socket_.try_io(io::Interest::kReadable, detail::PeekSender());
  }
  io::Result<std::size_t> try_recv_batch(RecvBatch& batch) const {
    return socket_.try_io(io::Interest::kReadable, detail::RecvMany{&batch});
  }
  io::Result<std::size_t> try_send_batch(std::span<const Datagram> datagrams) const {
    return socket_.try_io(io::Interest::kWritable, detail::SendMany{datagrams});
  }

  /// The same for futures that are written by hand: pending when nothing can be done now, and then
  /// the task that polled last is woken when it is worth another try. One task that sends and one
  /// that receives or peeks at a time. They throw `Misuse` when the socket was moved from. Mirror
  /// `UdpSocket::poll_send` and its like.
  Poll<io::Result<std::size_t>> poll_send(Context& context, std::span<const std::byte> bytes);
  Poll<io::Result<std::size_t>> poll_send_to(Context& context, std::span<const std::byte> bytes,
                                             SocketAddr to);
  Poll<io::Result<Received>> poll_recv(Context& context, std::span<std::byte> into);
  Poll<io::Result<ReceivedFrom>> poll_recv_from(Context& context, std::span<std::byte> into);
  Poll<io::Result<ReceivedFrom>> poll_peek_from(Context& context, std::span<std::byte> into);

  /// Waits until there may be something to receive, or room to send, or either: for the functions
  /// above. See `AsyncFd`. Cancel safe: it changes nothing.
  auto readable() const noexcept { return socket_.readable(); }
  auto writable() const noexcept { return socket_.writable(); }
  auto ready(io::Interest interest) const noexcept { return socket_.ready(interest); }

  int fd() const noexcept { return socket_.fd(); }

 private:
  using Wait = std::unique_ptr<AsyncFdReady<OwnedFd>>;

  explicit UdpSocket(AsyncFd<OwnedFd> socket) noexcept : socket_(std::move(socket)) {}
  static io::Result<UdpSocket> bind_to(SocketAddr address);
  static io::Result<UdpSocket> registered(OwnedFd socket);

  /// The heart of the poll functions: `wait` is one of those below.
  template <class Operation>
  Poll<std::invoke_result_t<Operation, const OwnedFd&>> poll_io(Wait& wait, io::Interest interest,
                                                                Context& context,
                                                                Operation operation);
  void forget_polls() noexcept {
    receiving_.reset();
    sending_.reset();
  }

  /// The socket, for another place: what refers to the one here goes first.
  AsyncFd<OwnedFd>&& let_go() && noexcept {
    forget_polls();
    return std::move(socket_);
  }

  AsyncFd<OwnedFd> socket_;
  Wait receiving_;  ///< What the poll functions that receive wait with.
  Wait sending_;
};

}  // namespace nara::inline NARA_BUILD::net
