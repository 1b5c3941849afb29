// Reading and writing streams of bytes: pipes and stream sockets.
#pragma once

#include <cstddef>
#include <nara/io/result.hpp>
#include <nara/sys/file.hpp>
#include <span>

namespace nara::inline NARA_BUILD::io {

/// Reads from a stream: an operation for `AsyncFd::async_io()`.
///
/// A stream that gives fewer bytes than there was room for has no more now, so the next read waits
/// at once, without a system call that would only say so. Not for terminals, which give one line at
/// a time, or for anything else with boundaries. See epoll(7), the question about `EAGAIN` and
/// `EPOLLET`.
class ReadStream {
 public:
  /// Reads at most `into.size()` bytes, which has to outlive the operation.
  explicit ReadStream(std::span<std::byte> into) noexcept : into_(into) {}

  Result<std::size_t> operator()(const auto& inner) const noexcept {
    return sys::read(inner.fd(), into_);
  }
  // [short]
  /// 0 is the end, and not for lack of bytes: it can be read again and again.
  bool leaves_nothing(std::size_t size) const noexcept { return 0 < size && size < into_.size(); }
  // [/short]

 private:
  std::span<std::byte> into_;
};

/// Writes to a stream: an operation for `AsyncFd::async_io()`. One that takes fewer bytes than it
/// was given is full.
class WriteStream {
 public:
  /// Writes at most `bytes.size()` bytes, which have to outlive the operation.
  explicit WriteStream(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}

  Result<std::size_t> operator()(const auto& inner) const noexcept {
    return sys::write(inner.fd(), bytes_);
  }
  bool leaves_nothing(std::size_t size) const noexcept { return size < bytes_.size(); }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace nara::inline NARA_BUILD::io
