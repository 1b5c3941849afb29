// Writing all of it, and writing it later.
#pragma once

#include <cstddef>
#include <nara/async.hpp>
#include <nara/detail/gives_any.hpp>
#include <nara/io/concepts.hpp>
#include <nara/io/result.hpp>
#include <nara/io/text.hpp>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace nara::inline NARA_BUILD::io {

/// Writes all of the bytes, in as many pieces as it takes. They and the stream have to outlive it.
/// Gives the stream's error, or `Errc::kWriteZero`; a part may have been written then.
///
/// Cancel safety: a part may have been written, and nobody knows how much. Mirrors
/// `tokio::io::AsyncWriteExt::write_all`.
// [write_all]
template <AsyncWrite W>
Async<Result<void>> write_all(W& stream, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const Result<std::size_t> size = co_await stream.write(bytes);
    if (!size) co_return std::unexpected(size.error());
    if (*size == 0) co_return std::unexpected(make_error_code(Errc::kWriteZero));
    bytes = bytes.subspan(*size);
  }
  co_return Result<void>();
}
// [/write_all]

/// The same for a text.
template <AsyncWrite W>
NARA_GIVES_ANY Async<Result<void>> write_all(W& stream, std::string_view text) {
  return write_all(stream, as_bytes(text));
}

/// A stream that collects small writes into large ones. `W` is the stream, or a reference to it,
/// which stays the caller's.
///
/// What is in its buffer goes to the stream when that is full, and with `flush()` or `shutdown()`.
/// What is there when this is destroyed is never written: a destructor cannot wait. Thread safety:
/// that of the stream, for one thread at a time. Mirrors `tokio::io::BufWriter`.
template <class W>
class BufWriter {
 public:
  /// With a buffer of `capacity` bytes.
  explicit BufWriter(W stream, std::size_t capacity = std::size_t{8} << 10)
      : inner_(std::forward<W>(stream)), capacity_(capacity) {
    buffer_.reserve(capacity);
  }

  /// Takes the bytes into the buffer, after making room for them. As many as the buffer is large
  /// for, or more, go straight to the stream. Cancel safe: nothing of `bytes` was taken.
  // [write]
  Async<Result<std::size_t>> write(std::span<const std::byte> bytes) {
    if (buffer_.size() + bytes.size() > capacity_) {
      const Result<void> empty = co_await write_buffer();
      if (!empty) co_return std::unexpected(empty.error());
    }
    if (bytes.size() >= capacity_) {
      const Result<std::size_t> size = co_await inner_.write(bytes);
      co_return size;
    }
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
    co_return bytes.size();
  }
  // [/write]

  /// Writes what is in the buffer, and flushes the stream. Cancel safe: what was written is out of
  /// the buffer, and the rest is in it.
  Async<Result<void>> flush() {
    const Result<void> empty = co_await write_buffer();
    if (!empty) co_return empty;
    const Result<void> flushed = co_await inner_.flush();
    co_return flushed;
  }

  /// Writes what is in the buffer, and shuts the stream down. Cancel safe: what was written is out
  /// of the buffer, and the rest is in it.
  Async<Result<void>> shutdown() {
    const Result<void> empty = co_await write_buffer();
    if (!empty) co_return empty;
    const Result<void> ended = co_await inner_.shutdown();
    co_return ended;
  }

  /// What is not written yet.
  std::span<const std::byte> buffer() const noexcept {
    return std::span(buffer_).subspan(written_);
  }

  std::remove_reference_t<W>& get_inner() noexcept { return inner_; }

  /// Gives the stream back. What is in the buffer is lost.
  W into_inner() && { return std::forward<W>(inner_); }

 private:
  // [write_buffer]
  Async<Result<void>> write_buffer() {
    while (!buffer().empty()) {
      const Result<std::size_t> size = co_await inner_.write(buffer());
      if (!size) co_return std::unexpected(size.error());
      if (*size == 0) co_return std::unexpected(make_error_code(Errc::kWriteZero));
      written_ += *size;
    }
    buffer_.clear();
    written_ = 0;
    co_return Result<void>();
  }
  // [/write_buffer]

  W inner_;
  const std::size_t capacity_;
  std::vector<std::byte> buffer_;
  std::size_t written_ = 0;  ///< How many bytes of the buffer are.
};

template <class W>
BufWriter(W&&) -> BufWriter<W>;
template <class W>
BufWriter(W&&, std::size_t) -> BufWriter<W>;

}  // namespace nara::inline NARA_BUILD::io
