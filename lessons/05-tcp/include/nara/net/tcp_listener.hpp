// The door: connections come in, one after the other.
#pragma once

#include <chrono>
#include <memory>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/context.hpp>
#include <nara/io/result.hpp>
#include <nara/net/lookup.hpp>
#include <nara/net/options.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/owned_fd.hpp>
#include <nara/poll.hpp>
#include <nara/sys/socket.hpp>
#include <nara/time/clock.hpp>
#include <nara/time/sleep.hpp>
#include <nara/trace.hpp>
#include <optional>
#include <utility>

namespace nara::inline NARA_BUILD::net {

class TcpListener;

/// A connection, and who has made it.
struct Accepted {
  TcpStream stream;
  SocketAddr peer;
};

/// Ready with the next connection. Made by `TcpListener::accept()`.
///
/// It may be moved until its first poll. Cancel safety: a connection leaves the kernel's queue in
/// the poll that gives it, so none is lost.
class [[nodiscard]] Accept {
 public:
  using Output = io::Result<Accepted>;

  explicit Accept(const TcpListener& listener);

  Poll<Output> poll(Context& context);

  void describe(Trace& trace) const;

 private:
  /// One try: an operation for `AsyncFd::async_io()`.
  struct Try {
    io::Result<sys::AcceptedFd> operator()(const OwnedFd& socket) const noexcept {
      return sys::accept(socket.fd());
    }
  };

  static Output welcome(sys::AcceptedFd accepted);

  static constexpr time::Duration kFirstPause = std::chrono::milliseconds(10);
  static constexpr time::Duration kLongestPause = std::chrono::seconds(1);

  AsyncFdIo<OwnedFd, Try> next_;
  std::optional<time::Sleep> pause_;  ///< While there are no descriptors left.
  time::Duration next_pause_ = kFirstPause;
};

/// Takes connections. Destroying it closes the door: who comes then is refused, and so are those
/// that were not accepted yet.
///
/// It belongs to the runtime in which it was made. It can be moved while nobody waits. Cancel
/// safety: that of what it gives. Thread safety: any number of tasks may accept at once, on any
/// thread; each connection goes to one of them. Mirrors `tokio::net::TcpListener`.
class TcpListener : public detail::SocketOptions<TcpListener> {
 public:
  /// Listens at the first of the addresses where that can be done, and lets 1,024 connections wait
  /// to be accepted. With port 0, the kernel chooses one: see `local_addr()`. Takes an address also
  /// while old connections of an earlier program linger there (SO_REUSEADDR).
  ///
  /// Gives an `Errc` when the text is no address, and the last error when none can be used:
  /// `EADDRINUSE` when somebody else listens there, `EACCES` for a port below 1024. Throws `Misuse`
  /// when there is no current runtime. bind(2), listen(2). Cancel safe: nothing was bound, or it is
  /// closed. Mirrors `tokio::net::TcpListener::bind`.
  static Async<io::Result<TcpListener>> bind(ToSocketAddrs where);

  TcpListener(TcpListener&& other) noexcept : socket_(std::move(other).let_go()) {}
  TcpListener& operator=(TcpListener&& other) noexcept {
    polled_.reset();
    socket_ = std::move(other).let_go();
    return *this;
  }
  ~TcpListener() = default;

  /// Takes over a socket that listens, and makes it non-blocking. Mirrors `TcpListener::from_std`.
  static io::Result<TcpListener> from_fd(OwnedFd socket);

  /// Gives the socket back. It stays non-blocking. Mirrors `TcpListener::into_std`.
  OwnedFd into_fd() && { return std::move(*this).let_go().into_inner(); }

  /// Waits for the next connection.
  ///
  /// A connection that has gone before it was accepted is passed over (`ECONNABORTED`, and the
  /// other errors that accept(2) says are those of one connection). When the process or the system
  /// is out of descriptors or memory (`EMFILE`, `ENFILE`, `ENOBUFS`, `ENOMEM`), it tries again
  /// after 10 ms, and after twice as long each time, up to a second; who comes meanwhile waits in
  /// the kernel's queue. For that, the runtime needs a clock. All other errors are given, and
  /// `io::Errc::kShutdown` when the runtime is gone. accept4(2). Mirrors
  /// `tokio::net::TcpListener::accept`.
  Accept accept() const { return Accept(*this); }

  /// The same, for a future that is written by hand: the task that polled last is woken. One task
  /// at a time. Mirrors `tokio::net::TcpListener::poll_accept`.
  Poll<io::Result<Accepted>> poll_accept(Context& context);

  int fd() const noexcept { return socket_.fd(); }

 private:
  friend Accept;
  friend class TcpSocket;

  explicit TcpListener(AsyncFd<OwnedFd> socket) noexcept : socket_(std::move(socket)) {}
  static io::Result<TcpListener> bind_to(SocketAddr address);
  static io::Result<TcpListener> registered(OwnedFd socket);

  /// The socket, for another place: what refers to the one here goes first.
  AsyncFd<OwnedFd>&& let_go() && noexcept {
    polled_.reset();
    return std::move(socket_);
  }

  AsyncFd<OwnedFd> socket_;
  std::unique_ptr<Accept> polled_;  ///< What poll_accept() waits with.
};

}  // namespace nara::inline NARA_BUILD::net
