// A connection in two halves: one task reads, another writes.
//
//                      split(stream)                    into_split(std::move(stream))
//
//   owns the stream    its owner, as before             both halves, together
//   may go             to futures of the same task      to tasks of their own
//   at the end         nothing happens                  the half that writes says so (FIN)
//   back again         just use the stream              reunite(), with both halves
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <nara/detail/not_moved.hpp>
#include <nara/io/ready.hpp>
#include <nara/io/result.hpp>
#include <nara/net/buffer_pool.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/net/tcp_stream.hpp>
#include <span>
#include <utility>

namespace nara::inline NARA_BUILD::net {

namespace detail {

/// A stream that belongs to several. Throws `Misuse` when it was moved from.
class SharedStream {
 public:
  explicit SharedStream(TcpStream stream)
      : stream_(std::make_shared<TcpStream>(std::move(stream))) {}

  TcpStream& operator*() const { return nara::detail::not_moved(stream_, "a half of a TcpStream"); }
  TcpStream* operator->() const { return &**this; }
  explicit operator bool() const noexcept { return stream_ != nullptr; }
  void reset() noexcept { stream_ = nullptr; }

 private:
  std::shared_ptr<TcpStream> stream_;
};

}  // namespace detail

/// Reads from a connection. `Pointer` is what it knows the stream by. All functions are those of
/// `TcpStream`, and so are cancel safety and thread safety.
template <class Pointer>
class BasicReadHalf {
 public:
  explicit BasicReadHalf(Pointer stream) noexcept : stream_(std::move(stream)) {}

  auto read(std::span<std::byte> into) const { return stream_->read(into); }
  auto read_some(BufferPool& pool) const { return stream_->read_some(pool); }
  auto read_vectored(std::span<const iovec> into) const { return stream_->read_vectored(into); }
  auto peek(std::span<std::byte> into) const { return stream_->peek(into); }
  auto readable() const { return stream_->readable(); }
  auto ready(io::Interest interest) const { return stream_->ready(interest); }
  io::Result<std::size_t> try_read(std::span<std::byte> into) const {
    return stream_->try_read(into);
  }
  io::Result<SocketAddr> local_addr() const { return stream_->local_addr(); }
  io::Result<SocketAddr> peer_addr() const { return stream_->peer_addr(); }

 protected:
  Pointer stream_;
};

/// Writes to a connection. The same holds.
template <class Pointer>
class BasicWriteHalf {
 public:
  explicit BasicWriteHalf(Pointer stream) noexcept : stream_(std::move(stream)) {}

  auto write(std::span<const std::byte> bytes) const { return stream_->write(bytes); }
  auto write_vectored(std::span<const iovec> pieces) const {
    return stream_->write_vectored(pieces);
  }
  auto writable() const { return stream_->writable(); }
  auto ready(io::Interest interest) const { return stream_->ready(interest); }
  auto flush() const { return stream_->flush(); }
  auto shutdown() const { return stream_->shutdown(); }
  io::Result<std::size_t> try_write(std::span<const std::byte> bytes) const {
    return stream_->try_write(bytes);
  }
  io::Result<SocketAddr> local_addr() const { return stream_->local_addr(); }
  io::Result<SocketAddr> peer_addr() const { return stream_->peer_addr(); }

 protected:
  Pointer stream_;
};

/// The halves of `split()`. The stream has to outlive them. Mirror
/// `tokio::net::tcp::{ReadHalf, WriteHalf}`.
using ReadHalf = BasicReadHalf<const TcpStream*>;
using WriteHalf = BasicWriteHalf<const TcpStream*>;

/// Both halves of a stream that stays the caller's: for reading and writing at once in one task,
/// with `join()` or `select()`. Mirrors `tokio::net::TcpStream::split`.
inline std::pair<ReadHalf, WriteHalf> split(const TcpStream& stream) noexcept {
  return {ReadHalf(&stream), WriteHalf(&stream)};
}

class OwnedWriteHalf;
struct ReuniteError;

/// The half of `into_split()` that reads. The connection is closed when both halves are gone.
/// Mirrors `tokio::net::tcp::OwnedReadHalf`.
class OwnedReadHalf : public BasicReadHalf<detail::SharedStream> {
 public:
  using BasicReadHalf::BasicReadHalf;

 private:
  friend std::expected<TcpStream, ReuniteError> reunite(OwnedReadHalf reader,
                                                        OwnedWriteHalf writer);
};

/// The half of `into_split()` that writes. When it is destroyed, it ends writing: the other side
/// reads what is on its way, and then the end, while the other half goes on reading. Mirrors
/// `tokio::net::tcp::OwnedWriteHalf`.
class [[nodiscard]] OwnedWriteHalf : public BasicWriteHalf<detail::SharedStream> {
 public:
  using BasicWriteHalf::BasicWriteHalf;
  OwnedWriteHalf(OwnedWriteHalf&&) noexcept = default;
  OwnedWriteHalf& operator=(OwnedWriteHalf&& other) noexcept {
    std::swap(stream_, other.stream_);
    return *this;
  }
  ~OwnedWriteHalf();

  /// Goes without a word: the other side is told nothing, until the other half is gone, too.
  void forget() && noexcept { stream_.reset(); }

 private:
  friend std::expected<TcpStream, ReuniteError> reunite(OwnedReadHalf reader,
                                                        OwnedWriteHalf writer);
};

/// Two halves that do not belong together, as they were given.
struct ReuniteError {
  OwnedReadHalf reader;
  OwnedWriteHalf writer;
};

/// Both halves of a stream, for tasks of their own. One allocation. Mirrors
/// `tokio::net::TcpStream::into_split`.
std::pair<OwnedReadHalf, OwnedWriteHalf> into_split(TcpStream stream);

/// The stream again, when both are halves of the same; else both as they were. Throws `Misuse` when
/// one was moved from. Mirrors `tokio::net::tcp::OwnedReadHalf::reunite`.
std::expected<TcpStream, ReuniteError> reunite(OwnedReadHalf reader, OwnedWriteHalf writer);

}  // namespace nara::inline NARA_BUILD::net
