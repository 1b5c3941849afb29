// What can be read from, and written to: a connection, a half of one, a buffer in front of one.
#pragma once

#include <concepts>
#include <cstddef>
#include <nara/future.hpp>
#include <nara/io/result.hpp>
#include <span>

namespace nara::inline NARA_BUILD::io {

/// A future that gives an `io::Result<T>`.
template <class F, class T>
concept FutureOfResult = Future<F> && std::same_as<OutputOf<F>, Result<T>>;

/// A stream of bytes to read. `read(into)` gives how many bytes it has put to the front of `into`:
/// at least one; 0 is the end, or there was no room. To give up that future loses nothing. Mirrors
/// `tokio::io::AsyncRead`.
// [read]
template <class T>
concept AsyncRead = requires(T& stream, std::span<std::byte> into) {
  { stream.read(into) } -> FutureOfResult<std::size_t>;
};
// [/read]

/// A stream that has read ahead. `fill_buf()` gives what there is, and reads only if that is
/// nothing; empty is the end. `consume(size)` says that the first of these bytes are done with.
/// Mirrors `tokio::io::AsyncBufRead`.
template <class T>
concept AsyncBufRead = AsyncRead<T> && requires(T& stream, std::size_t size) {
  { stream.fill_buf() } -> FutureOfResult<std::span<const std::byte>>;
  { stream.consume(size) };
};

/// A stream of bytes to write. `write(bytes)` gives how many it has taken, the first ones; at least
/// one, if there are any. `flush()` is ready when all of them are on their way. `shutdown()` does
/// that, and then says that there will be no more. To give up a `write()` means that nothing was
/// taken. Mirrors `tokio::io::AsyncWrite`.
// [write]
template <class T>
concept AsyncWrite = requires(T& stream, std::span<const std::byte> bytes) {
  { stream.write(bytes) } -> FutureOfResult<std::size_t>;
  { stream.flush() } -> FutureOfResult<void>;
  { stream.shutdown() } -> FutureOfResult<void>;
};
// [/write]

}  // namespace nara::inline NARA_BUILD::io
