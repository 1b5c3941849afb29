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
#include <nara/todo.hpp>
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
template <AsyncRead R, AsyncWrite W>
Async<Result<std::uint64_t>> copy(R& reader, W& writer) {
  co_return todo("06-layer: copy() reads, and writes what it has read, until the end");
}

namespace detail {

/// One direction of two: what ends there, ends here.
template <class R, class W>
Async<Result<std::uint64_t>> copy_and_shut_down(R& reader, W& writer) {
  co_return todo("06-layer: copy_and_shut_down() copies, and passes the end on");
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
template <class A, class B>
  requires AsyncRead<A> && AsyncWrite<A> && AsyncRead<B> && AsyncWrite<B>
Async<Result<Copied>> copy_bidirectional(A& a, B& b) {
  auto there = detail::copy_and_shut_down(a, b);
  auto back = detail::copy_and_shut_down(b, a);
  auto both = poll_fn([&](Context& context) -> Poll<Result<Copied>> {
    return todo("06-layer: both directions are polled, until both have ended");
  });
  const Result<Copied> copied = co_await both;
  co_return copied;
}

}  // namespace nara::inline NARA_BUILD::io
