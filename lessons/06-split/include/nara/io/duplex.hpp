// A connection inside of the program, for tests and for tasks that speak a protocol.
//
//      one end                            the other
//   ┌───────────┐      BytePipe       ┌───────────┐
//   │ write()   │ ──► [ bytes   ] ──► │ read()    │
//   │ read()    │ ◄── [   bytes ] ◄── │ write()   │
//   └───────────┘                     └───────────┘
#pragma once

#include <cstddef>
#include <memory>
#include <nara/context.hpp>
#include <nara/detail/byte_pipe.hpp>
#include <nara/future.hpp>
#include <nara/io/result.hpp>
#include <nara/poll.hpp>
#include <span>
#include <string_view>
#include <utility>

namespace nara::inline NARA_BUILD::io {

/// One of the two ends that `duplex()` gives. Destroying it ends both directions: the other end
/// reads what is left, and then the end, and its writes give `EPIPE`.
///
/// One task may read while another writes. Thread safety: the ends may be on different threads, and
/// so may those who read and write. Mirrors `tokio::io::DuplexStream`.
class DuplexStream {
 public:
  DuplexStream(std::shared_ptr<nara::detail::BytePipe> in,
               std::shared_ptr<nara::detail::BytePipe> out) noexcept
      : in_(std::move(in)), out_(std::move(out)) {}
  DuplexStream(DuplexStream&&) noexcept = default;
  DuplexStream& operator=(DuplexStream&& other) noexcept {
    std::swap(in_, other.in_);
    std::swap(out_, other.out_);
    return *this;
  }
  ~DuplexStream() {
    if (in_ != nullptr) in_->end(nara::detail::BytePipe::kReader);
    if (out_ != nullptr) out_->end(nara::detail::BytePipe::kWriter);
  }

  /// Reads at most `into.size()` bytes, as soon as there are some; 0 at the end. Cancel safe:
  /// nothing was read.
  auto read(std::span<std::byte> into) const { return nara::detail::BytePipe::Read(*in_, into); }

  /// Writes as many of the bytes as there is room for, at least one. `EPIPE` when nobody will read
  /// them. Cancel safe: nothing was written.
  auto write(std::span<const std::byte> bytes) const {
    return nara::detail::BytePipe::Write(*out_, bytes);
  }

  /// Does nothing: what was written is there. Cancel safe.
  auto flush() const { return ready(Result<void>()); }

  /// Ends writing: the other end reads what is left, and then the end. Cancel safe: nothing is done
  /// before its first poll.
  auto shutdown() const {
    return lazy([this] {
      out_->end(nara::detail::BytePipe::kWriter);
      return Result<void>();
    });
  }

 private:
  std::shared_ptr<nara::detail::BytePipe> in_;
  std::shared_ptr<nara::detail::BytePipe> out_;
};

/// Both ends of a connection in memory; in each direction, it holds at most `capacity` bytes that
/// were not read yet, at least one. Mirrors `tokio::io::duplex`.
std::pair<DuplexStream, DuplexStream> duplex(std::size_t capacity);

}  // namespace nara::inline NARA_BUILD::io
