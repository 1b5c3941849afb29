// Reading ahead, so that small reads are cheap, and lines can be found.
//
//            ┌───────────────────────────────────────┐
//   buffer   │ done with │ bytes that were read │     │ ◄── one large read() of the stream
//            └───────────┴──────────────────────┴─────┘
//                        ▲ begin                ▲ end
#pragma once

#include <algorithm>
#include <cstddef>
#include <nara/async.hpp>
#include <nara/detail/gives_any.hpp>
#include <nara/io/concepts.hpp>
#include <nara/io/result.hpp>
#include <nara/io/text.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nara::inline NARA_BUILD::io {

/// A stream with a buffer in front of it. `R` is the stream, or a reference to it, which stays the
/// caller's. What is in the buffer when it is destroyed is lost.
///
/// Thread safety: that of the stream, for one thread at a time. Mirrors `tokio::io::BufReader`.
template <class R>
class BufReader {
 public:
  /// With a buffer of `capacity` bytes.
  explicit BufReader(R stream, std::size_t capacity = std::size_t{8} << 10)
      : inner_(std::forward<R>(stream)), buffer_(capacity) {}

  /// Reads from the buffer. When that is empty, and there is room for at least as much in `into`,
  /// it goes straight to the stream. Cancel safe: nothing was read.
  // [read]
  Async<Result<std::size_t>> read(std::span<std::byte> into) {
    if (begin_ == end_ && into.size() >= buffer_.size()) {
      const Result<std::size_t> size = co_await inner_.read(into);
      co_return size;
    }
    const auto bytes = co_await fill_buf();
    if (!bytes) co_return std::unexpected(bytes.error());
    const std::size_t size = std::min(bytes->size(), into.size());
    std::ranges::copy(bytes->first(size), into.begin());
    consume(size);
    co_return size;
  }
  // [/read]

  /// What is in the buffer; if that is nothing, reads from the stream first. Empty at the end. The
  /// bytes stay there until `consume()`. Cancel safe: what was read is in the buffer.
  // [fill]
  Async<Result<std::span<const std::byte>>> fill_buf() {
    if (begin_ == end_) {
      const Result<std::size_t> size = co_await inner_.read(buffer_);
      if (!size) co_return std::unexpected(size.error());
      begin_ = 0;
      end_ = *size;
    }
    co_return buffer();
  }

  /// The first `size` bytes of `buffer()` are done with; at most all of them.
  void consume(std::size_t size) noexcept { begin_ = std::min(begin_ + size, end_); }
  // [/fill]

  /// What was read and is not done with. Reads nothing.
  std::span<const std::byte> buffer() const noexcept {
    return std::span(buffer_).subspan(begin_, end_ - begin_);
  }

  std::remove_reference_t<R>& get_inner() noexcept { return inner_; }

  /// Gives the stream back. What is in the buffer is lost.
  R into_inner() && { return std::forward<R>(inner_); }

 private:
  R inner_;
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

template <class R>
BufReader(R&&) -> BufReader<R>;
template <class R>
BufReader(R&&, std::size_t) -> BufReader<R>;

/// Appends to `out` all bytes up to `end`, and that; or up to the end of the stream. Gives how many
/// bytes came: 0 only when the stream had ended before. There is no limit: see `take()`. `out` and
/// the stream have to outlive it.
///
/// Cancel safe: what came is in `out`, and the next call goes on from there. Mirrors
/// `tokio::io::AsyncBufReadExt::read_until`.
// [read_until]
template <AsyncBufRead R>
Async<Result<std::size_t>> read_until(R& stream, char end, std::string& out) {
  std::size_t total = 0;
  while (true) {
    const auto bytes = co_await stream.fill_buf();
    if (!bytes) co_return std::unexpected(bytes.error());
    const std::string_view text = as_text(*bytes);
    const std::size_t found = text.find(end);
    const bool is_over = found != std::string_view::npos || text.empty();
    const std::size_t size = found == std::string_view::npos ? text.size() : found + 1;
    out += text.substr(0, size);
    stream.consume(size);
    total += size;
    if (is_over) co_return total;
  }
}
// [/read_until]

/// The same up to the end of a line. Cancel safe: what came is in `out`. Mirrors
/// `tokio::io::AsyncBufReadExt::read_line`.
template <AsyncBufRead R>
NARA_GIVES_ANY Async<Result<std::size_t>> read_line(R& stream, std::string& out) {
  return read_until(stream, '\n', out);
}

/// A stream, line by line. Made by `lines()`.
template <class R>
class Lines {
 public:
  explicit Lines(R stream) : stream_(std::forward<R>(stream)) {}

  /// The next line, without the "\n" or "\r\n" at its end; nothing at the end of the stream. The
  /// last line may lack an end. Cancel safe: what came of the line is kept for the next call.
  /// Mirrors `tokio::io::Lines::next_line`.
  Async<Result<std::optional<std::string>>> next_line() {
    const Result<std::size_t> size = co_await read_line(stream_, line_);
    if (!size) co_return std::unexpected(size.error());
    if (line_.empty()) co_return std::nullopt;
    std::string line = std::exchange(line_, {});
    if (line.ends_with('\n')) {
      line.pop_back();
      if (line.ends_with('\r')) line.pop_back();
    }
    co_return line;
  }

  std::remove_reference_t<R>& get_inner() noexcept { return stream_; }
  R into_inner() && { return std::forward<R>(stream_); }

 private:
  R stream_;
  std::string line_;  ///< What came of the next one.
};

/// The lines of a stream. One that is given by its name stays the caller's. Mirrors
/// `tokio::io::AsyncBufReadExt::lines`.
template <class R>
  requires AsyncBufRead<R>
Lines<R> lines(R&& stream) {
  return Lines<R>(std::forward<R>(stream));
}

}  // namespace nara::inline NARA_BUILD::io
