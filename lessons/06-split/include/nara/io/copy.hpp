// From one stream to another, until the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nara/async.hpp>
#include <nara/context.hpp>
#include <nara/future.hpp>
#include <nara/io/concepts.hpp>
#include <nara/io/result.hpp>
#include <nara/io/write.hpp>
#include <nara/poll.hpp>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace nara::inline NARA_BUILD::io {

namespace detail {

/// Polls the future once: ready at once, with nothing if that is not ready. It can be awaited
/// afterwards.
template <Future F>
auto try_now(F& future) {
  return poll_fn([&future](Context& context) -> Poll<std::optional<OutputOf<F>>> {
    Poll<OutputOf<F>> answer = future.poll(context);
    if (answer.is_pending()) return std::optional<OutputOf<F>>();
    return std::optional<OutputOf<F>>(std::move(answer).value());
  });
}

}  // namespace detail

/// Writes all that can be read from `reader` to `writer`, until the end, and gives how many bytes
/// that were. Whenever there is nothing more to read for now, `writer` is flushed, so that nothing
/// waits in a buffer. Both have to outlive it. Gives the first error of either.
///
/// Cancel safety: what was read and not written yet is lost. Mirrors `tokio::io::copy`.
// [copy]
template <AsyncRead R, AsyncWrite W>
Async<Result<std::uint64_t>> copy(R& reader, W& writer) {
  // BEGIN SOLUTION
  // STARTER: co_return todo("06-layer: copy() reads, and writes what it has read, until the end");
  std::vector<std::byte> buffer(std::size_t{16} << 10);
  std::uint64_t total = 0;
  while (true) {
    auto reading = reader.read(buffer);
    std::optional<Result<std::size_t>> now = co_await detail::try_now(reading);
    if (!now) {
      const Result<void> flushed = co_await writer.flush();
      if (!flushed) co_return std::unexpected(flushed.error());
      now = co_await reading;
    }
    const Result<std::size_t> size = *now;
    if (!size) co_return std::unexpected(size.error());
    if (*size == 0) break;
    const auto bytes = std::span<const std::byte>(buffer).first(*size);
    const Result<void> written = co_await write_all(writer, bytes);
    if (!written) co_return std::unexpected(written.error());
    total += *size;
  }
  const Result<void> flushed = co_await writer.flush();
  if (!flushed) co_return std::unexpected(flushed.error());
  co_return total;
  // END SOLUTION
}
// [/copy]

namespace detail {

/// One direction of two: what ends there, ends here.
template <class R, class W>
Async<Result<std::uint64_t>> copy_and_shut_down(R& reader, W& writer) {
  // BEGIN SOLUTION
  // STARTER: co_return todo("06-layer: copy_and_shut_down() copies, and passes the end on");
  const Result<std::uint64_t> total = co_await copy(reader, writer);
  if (!total) co_return total;
  const Result<void> ended = co_await writer.shutdown();
  if (!ended) co_return std::unexpected(ended.error());
  co_return total;
  // END SOLUTION
}

}  // namespace detail

/// How many bytes went each way.
struct Copied {
  std::uint64_t a_to_b;
  std::uint64_t b_to_a;
  bool operator==(const Copied&) const noexcept = default;
};

/// Copies from `a` to `b` and from `b` to `a`, at once. When one of them ends, the other is shut
/// down, and its own direction goes on: a half-close passes through. Ready when both directions
/// have ended, or with the first error in either. Both have to outlive it.
///
/// Cancel safety: what was read and not written yet is lost. Mirrors
/// `tokio::io::copy_bidirectional`.
// [both]
template <class A, class B>
  requires AsyncRead<A> && AsyncWrite<A> && AsyncRead<B> && AsyncWrite<B>
Async<Result<Copied>> copy_bidirectional(A& a, B& b) {
  auto there = detail::copy_and_shut_down(a, b);
  auto back = detail::copy_and_shut_down(b, a);
  // BEGIN SOLUTION
  // STARTER: auto both = poll_fn([&](Context& context) -> Poll<Result<Copied>> {
  // STARTER:   return todo("06-layer: both directions are polled, until both have ended");
  // STARTER: });
  std::optional<Result<std::uint64_t>> sent;
  std::optional<Result<std::uint64_t>> received;
  auto both = poll_fn([&](Context& context) -> Poll<Result<Copied>> {
    for (auto [future, total] : {std::pair(&there, &sent), std::pair(&back, &received)}) {
      if (total->has_value()) continue;
      Poll<Result<std::uint64_t>> answer = future->poll(context);
      if (answer.is_pending()) continue;
      *total = std::move(answer).value();
      if (!**total) return Result<Copied>(std::unexpect, (*total)->error());
    }
    if (!sent || !received) return kPending;
    return Result<Copied>(Copied{**sent, **received});
  });
  // END SOLUTION
  const Result<Copied> copied = co_await both;
  co_return copied;
}
// [/both]

}  // namespace nara::inline NARA_BUILD::io
