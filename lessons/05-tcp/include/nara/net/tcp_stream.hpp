// A connection, from one program to another.
//
//        ours                                              theirs
//   ┌───────────┐   bytes, in order, then FIN    ┌───────────┐
//   │ write()   │ ─────────────────────────────► │ read()    │   Each direction ends by itself:
//   │ shutdown()│                                │ … and 0   │   shutdown() ends one, and the
//   ├───────────┤                                ├───────────┤   other goes on (half-close).
//   │ read()    │ ◄───────────────────────────── │ write()   │
//   │ … and 0   │                                │ shutdown()│   RST throws both away at once.
//   └───────────┘                                └───────────┘
#pragma once

#include <cstddef>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/future.hpp>
#include <nara/io/ready.hpp>
#include <nara/io/result.hpp>
#include <nara/net/buffer_pool.hpp>
#include <nara/net/lookup.hpp>
#include <nara/net/options.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/owned_fd.hpp>
#include <nara/sys/socket.hpp>
#include <span>
#include <utility>

namespace nara::inline NARA_BUILD::net {

namespace detail {

/// Operations for `AsyncFd::async_io()`. This one is `io::ReadStream`, with recv(2), which takes a
/// shorter way through the kernel than read(2).
struct Receive {
  std::span<std::byte> into;
  io::Result<std::size_t> operator()(const OwnedFd& socket) const noexcept {
    return sys::recv(socket.fd(), into);
  }
  bool leaves_nothing(std::size_t size) const noexcept { return 0 < size && size < into.size(); }
};

struct Peek {
  std::span<std::byte> into;
  io::Result<std::size_t> operator()(const OwnedFd& socket) const noexcept {
    return sys::recv(socket.fd(), into, MSG_PEEK);
  }
};

struct ReadBuffer {
  BufferPool* pool;
  io::Result<Buffer> operator()(const OwnedFd& socket) const { return pool->read(socket.fd()); }
  bool leaves_nothing(const Buffer& got) const noexcept {
    return 0 < got.size() && got.size() < pool->buffer_size();
  }
};

struct ReadPieces {
  std::span<const iovec> into;
  io::Result<std::size_t> operator()(const OwnedFd& socket) const noexcept {
    return sys::recv(socket.fd(), into);
  }
};

// [send]
struct Send {
  std::span<const std::byte> bytes;
  io::Result<std::size_t> operator()(const OwnedFd& socket) const noexcept {
    return sys::send(socket.fd(), bytes);
  }
  /// A stream that takes fewer bytes than it was given is full.
  bool leaves_nothing(std::size_t size) const noexcept { return size < bytes.size(); }
};
// [/send]

struct SendPieces {
  std::span<const iovec> pieces;
  io::Result<std::size_t> operator()(const OwnedFd& socket) const noexcept {
    return sys::send(socket.fd(), pieces);
  }
};

}  // namespace detail

/// A TCP connection: bytes that arrive in the order in which they were sent, or not at all.
///
/// Destroying it closes it. What was written is still sent, unless there is something that was not
/// read: then the other side sees a reset.
///
/// It belongs to the runtime in which it was made: when that is gone, all operations give
/// `io::Errc::kShutdown`. It can be moved while nobody waits. Cancel safety: all that can be
/// awaited can be destroyed at any time; bytes were read or written only if it was ready. Thread
/// safety: one task may read while another writes, on any threads; several that read share the
/// bytes out. Mirrors `tokio::net::TcpStream`.
class TcpStream : public detail::TcpOptions<TcpStream> {
 public:
  /// Connects with the first of the addresses that answers, one after the other.
  ///
  /// Gives an `Errc` when the text is no address, and the last error when nobody answers: see
  /// `Connecting::poll()`. Throws `Misuse` when there is no current runtime. connect(2). Cancel
  /// safe: the attempt is given up. Mirrors `tokio::net::TcpStream::connect`.
  static Async<io::Result<TcpStream>> connect(ToSocketAddrs where);

  /// Takes over a socket that is connected, and makes it non-blocking. Mirrors
  /// `TcpStream::from_std`.
  static io::Result<TcpStream> from_fd(OwnedFd socket);

  /// Gives the socket back. It stays non-blocking. Mirrors `TcpStream::into_std`.
  OwnedFd into_fd() && { return std::move(socket_).into_inner(); }

  /// Reads at most `into.size()` bytes, as soon as there are some; gives 0 at the end, again and
  /// again. `ECONNRESET` when the other side has thrown the connection away. recv(2). Cancel safe:
  /// nothing was read.
  auto read(std::span<std::byte> into) const {
    return socket_.async_io(io::Interest::kReadable, detail::Receive{into});
  }

  /// The same into memory of `pool`, which is taken when there is something, and not before. Gives
  /// an empty buffer at the end. Cancel safe: nothing was read.
  auto read_some(BufferPool& pool) const {
    return socket_.async_io(io::Interest::kReadable, detail::ReadBuffer{&pool});
  }

  /// The same as `read()`, and the bytes stay there for the next one. MSG_PEEK. Cancel safe: it
  /// changes nothing. Mirrors `TcpStream::peek`.
  auto peek(std::span<std::byte> into) const {
    return socket_.async_io(io::Interest::kReadable, detail::Peek{into});
  }

  /// The same into several pieces of memory, one after the other; at most 1,024 (IOV_MAX).
  /// readv(2). Cancel safe: nothing was read.
  auto read_vectored(std::span<const iovec> into) const {
    return socket_.async_io(io::Interest::kReadable, detail::ReadPieces{into});
  }

  /// Writes as many of the bytes as there is room for, at least one of them, and gives how many.
  /// `EPIPE` when this side has ended writing, or the other side has closed; it never raises
  /// SIGPIPE. send(2). Cancel safe: nothing was written.
  auto write(std::span<const std::byte> bytes) const {
    return socket_.async_io(io::Interest::kWritable, detail::Send{bytes});
  }

  /// The same from several pieces of memory, one after the other; at most 1,024 (IOV_MAX).
  /// sendmsg(2). Cancel safe: nothing was written.
  auto write_vectored(std::span<const iovec> pieces) const {
    return socket_.async_io(io::Interest::kWritable, detail::SendPieces{pieces});
  }

  /// The same without waiting: `EAGAIN` when nothing can be done now.
  io::Result<std::size_t> try_read(std::span<std::byte> into) const {
    return socket_.try_io(io::Interest::kReadable, detail::Receive{into});
  }
  io::Result<std::size_t> try_read_vectored(std::span<const iovec> into) const {
    return socket_.try_io(io::Interest::kReadable, detail::ReadPieces{into});
  }
  io::Result<std::size_t> try_write(std::span<const std::byte> bytes) const {
    return socket_.try_io(io::Interest::kWritable, detail::Send{bytes});
  }
  io::Result<std::size_t> try_write_vectored(std::span<const iovec> pieces) const {
    return socket_.try_io(io::Interest::kWritable, detail::SendPieces{pieces});
  }

  /// Waits until there may be something to read, or room to write, or either: for the functions
  /// above. See `AsyncFd`. Cancel safe: it changes nothing.
  auto readable() const noexcept { return socket_.readable(); }
  auto writable() const noexcept { return socket_.writable(); }
  auto ready(io::Interest interest) const noexcept { return socket_.ready(interest); }

  /// Does nothing: what was written is the kernel's already. For functions that take any stream.
  /// Cancel safe. Mirrors `tokio::io::AsyncWriteExt::flush`.
  auto flush() const { return nara::ready(io::Result<void>()); }

  /// Ends writing: the other side reads what is on its way, and then the end. This side can still
  /// read. To end it again is no error. Ready at its first poll. shutdown(2). Cancel safe: nothing
  /// is done before its first poll. Mirrors `tokio::io::AsyncWriteExt::shutdown`.
  auto shutdown() const {
    return lazy([this] { return end_writing(); });
  }

  /// The address of the other side. `ENOTCONN` when that has closed. getpeername(2).
  io::Result<SocketAddr> peer_addr() const { return sys::peer_addr(fd()); }

  /// Whether what arrives is acknowledged at once, and not together with the next bytes that are
  /// sent. The kernel changes it by itself later on. TCP_QUICKACK.
  io::Result<void> set_quickack(bool quickack) const {
    return set(IPPROTO_TCP, TCP_QUICKACK, quickack);
  }
  io::Result<bool> quickack() const { return is_set(IPPROTO_TCP, TCP_QUICKACK); }

  int fd() const noexcept { return socket_.fd(); }

 private:
  friend class Accept;
  friend class Connecting;

  explicit TcpStream(AsyncFd<OwnedFd> socket) noexcept : socket_(std::move(socket)) {}
  static io::Result<TcpStream> registered(OwnedFd socket);
  io::Result<void> end_writing() const;

  AsyncFd<OwnedFd> socket_;
};

}  // namespace nara::inline NARA_BUILD::net
