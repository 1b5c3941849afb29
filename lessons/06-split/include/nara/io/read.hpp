// Reading more than one piece, or less.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <nara/async.hpp>
#include <nara/detail/gives_any.hpp>
#include <nara/future.hpp>
#include <nara/io/concepts.hpp>
#include <nara/io/result.hpp>
#include <nara/io/text.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace nara::inline NARA_BUILD::io {

/// Fills `into`, in as many pieces as it takes. It and the stream have to outlive it. Gives
/// `Errc::kUnexpectedEof` when the stream ends before that.
///
/// Cancel safety: what was read already lies in `into`, and nobody knows how much. Mirrors
/// `tokio::io::AsyncReadExt::read_exact`.
// [read_exact]
template <AsyncRead R>
Async<Result<void>> read_exact(R& stream, std::span<std::byte> into) {
  while (!into.empty()) {
    const Result<std::size_t> size = co_await stream.read(into);
    if (!size) co_return std::unexpected(size.error());
    if (*size == 0) co_return std::unexpected(make_error_code(Errc::kUnexpectedEof));
    into = into.subspan(*size);
  }
  co_return Result<void>();
}
// [/read_exact]

namespace detail {

/// Reads to the end, and gives each piece to `take(piece)`.
template <AsyncRead R, class Take>
Async<Result<std::size_t>> read_pieces(R& stream, Take take) {
  std::vector<std::byte> buffer(std::size_t{8} << 10);
  std::size_t total = 0;
  while (true) {
    const Result<std::size_t> size = co_await stream.read(buffer);
    if (!size) co_return std::unexpected(size.error());
    if (*size == 0) co_return total;
    take(std::span(buffer).first(*size));
    total += *size;
  }
}

}  // namespace detail

/// Reads until the end, and appends that to `out`; gives how many bytes came. There is no limit:
/// see `take()`. It and the stream have to outlive it. On an error, what came before is in `out`.
///
/// Cancel safe: what was read is in `out`. Mirrors `tokio::io::AsyncReadExt::read_to_end`.
template <AsyncRead R>
NARA_GIVES_ANY Async<Result<std::size_t>> read_to_end(R& stream, std::vector<std::byte>& out) {
  return detail::read_pieces(stream, [&out](std::span<const std::byte> piece) {
    out.insert(out.end(), piece.begin(), piece.end());
  });
}

/// The same as text; which bytes are text is not looked at. Cancel safe: what was read is in `out`.
/// Mirrors `tokio::io::AsyncReadExt::read_to_string`.
template <AsyncRead R>
NARA_GIVES_ANY Async<Result<std::size_t>> read_to_string(R& stream, std::string& out) {
  return detail::read_pieces(stream,
                             [&out](std::span<const std::byte> piece) { out += as_text(piece); });
}

/// The first bytes of a stream. Made by `take()`.
template <class R>
class Take {
 public:
  Take(R inner, std::uint64_t limit) : inner_(std::forward<R>(inner)), limit_(limit) {}

  /// Reads from the stream, but not beyond the limit. Cancel safe: nothing was read.
  Async<Result<std::size_t>> read(std::span<std::byte> into) {
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), limit_));
    if (most == 0) co_return 0;
    const Result<std::size_t> size = co_await inner_.read(into.first(most));
    if (size) limit_ -= *size;
    co_return size;
  }

  /// How many bytes may still come.
  std::uint64_t limit() const noexcept { return limit_; }
  void set_limit(std::uint64_t limit) noexcept { limit_ = limit; }

  std::remove_reference_t<R>& get_inner() noexcept { return inner_; }
  R into_inner() && { return std::forward<R>(inner_); }

 private:
  R inner_;
  std::uint64_t limit_;
};

/// A stream that ends after `limit` bytes; what comes after them stays in `stream`. One that is
/// given by its name stays the caller's. Mirrors `tokio::io::AsyncReadExt::take`.
template <class R>
  requires AsyncRead<R>
Take<R> take(R&& stream, std::uint64_t limit) {
  return {std::forward<R>(stream), limit};
}

/// One stream, and after its end another. Made by `chain()`.
template <class A, class B>
class Chain {
 public:
  Chain(A first, B second) : first_(std::forward<A>(first)), second_(std::forward<B>(second)) {}

  /// Cancel safe: nothing was read.
  Async<Result<std::size_t>> read(std::span<std::byte> into) {
    if (!is_first_done_) {
      const Result<std::size_t> size = co_await first_.read(into);
      if (!size || *size != 0 || into.empty()) co_return size;
      is_first_done_ = true;
    }
    const Result<std::size_t> size = co_await second_.read(into);
    co_return size;
  }

 private:
  A first_;
  B second_;
  bool is_first_done_ = false;
};

/// A stream of all that is in `first`, and then all that is in `second`. Those that are given by
/// their names stay the caller's. Mirrors `tokio::io::AsyncReadExt::chain`.
template <class A, class B>
  requires AsyncRead<A> && AsyncRead<B>
Chain<A, B> chain(A&& first, B&& second) {
  return {std::forward<A>(first), std::forward<B>(second)};
}

/// A stream that has ended, and takes all that is written, for nobody. Mirrors `tokio::io::empty`.
class Empty {
 public:
  auto read(std::span<std::byte>) const { return ready(Result<std::size_t>(0)); }
  auto write(std::span<const std::byte> bytes) const {
    return ready(Result<std::size_t>(bytes.size()));
  }
  auto flush() const { return ready(Result<void>()); }
  auto shutdown() const { return ready(Result<void>()); }
};
inline Empty empty() { return {}; }

/// A stream of one byte, without end. Mirrors `tokio::io::repeat`.
class Repeat {
 public:
  explicit Repeat(std::byte byte) noexcept : byte_(byte) {}
  auto read(std::span<std::byte> into) const {
    return lazy([byte = byte_, into] {
      std::ranges::fill(into, byte);
      return Result<std::size_t>(into.size());
    });
  }

 private:
  std::byte byte_;
};
inline Repeat repeat(std::byte byte) { return Repeat(byte); }

}  // namespace nara::inline NARA_BUILD::io
