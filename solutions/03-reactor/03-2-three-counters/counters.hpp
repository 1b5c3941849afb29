// Three counters. Each counts the bytes that come out of a pipe, and each is wrong in one place.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <expected>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/io/result.hpp>
#include <nara/owned_fd.hpp>
#include <nara/sys/epoll.hpp>
#include <nara/sys/file.hpp>
#include <optional>
#include <span>
#include <utility>

/// Given, and right. The end of a pipe where the bytes come out; non-blocking.
class Outlet {
 public:
  explicit Outlet(nara::OwnedFd pipe) : pipe_(std::move(pipe)) {}
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;
  virtual ~Outlet() = default;

  int fd() const noexcept { return pipe_.fd(); }

  /// Reads at most `into.size()` bytes: 0 is the end, and `EAGAIN` means that there are none now.
  /// (Virtual, so that a test can do something right after the read.)
  virtual nara::io::Result<std::size_t> read(std::span<std::byte> into) const {
    return nara::sys::read(fd(), into);
  }

 private:
  nara::OwnedFd pipe_;
};

/// An outlet, and what the reactor knows about it.
using Source = nara::AsyncFd<const Outlet*>;

/// What all three read into. It is small, as every buffer is one day.
using Buffer = std::array<std::byte, 8>;

/// Counts on an epoll of its own. It was written for a level-triggered one. `EPOLLET` came later,
/// to be told less often.
class EpollCounter {
 public:
  /// Counts what comes out of `outlet`, which has to outlive it.
  explicit EpollCounter(const Outlet& outlet) : outlet_(outlet) {
    nara::sys::epoll_add(epoll_.fd(), outlet.fd(), EPOLLIN | EPOLLET, 0).value();
  }

  /// Waits for an event, but not for longer than `timeout`, and counts the bytes that it is about.
  void turn(std::chrono::milliseconds timeout) {
    std::array<epoll_event, 1> events;
    if (nara::sys::epoll_wait(epoll_.fd(), events, timeout).empty()) return;
    Buffer buffer;
    // BEGIN SOLUTION
    // STARTER: const nara::io::Result<std::size_t> size = outlet_.read(buffer);
    // STARTER: if (size) counted_ += *size;
    while (true) {
      const nara::io::Result<std::size_t> size = outlet_.read(buffer);
      if (!size || *size == 0) return;
      counted_ += *size;
    }
    // END SOLUTION
  }

  std::size_t counted() const noexcept { return counted_; }

 private:
  const Outlet& outlet_;
  nara::OwnedFd epoll_ = nara::sys::epoll_create().value();
  std::size_t counted_ = 0;
};

/// Counts until the end. Keeps the readiness tidy: what has been read is not there any more.
inline nara::Async<nara::io::Result<void>> tidy_count(const Source& source, std::size_t& counted) {
  Buffer buffer;
  while (true) {
    auto guard = co_await source.readable();
    if (!guard) co_return std::unexpected(guard.error());
    // BEGIN SOLUTION
    // STARTER: const nara::io::Result<std::size_t> size = source.get_inner()->read(buffer);
    // STARTER: guard->clear_ready();
    // STARTER: if (!size && nara::io::is_would_block(size.error())) continue;
    // STARTER: if (!size) co_return std::unexpected(size.error());
    // STARTER: if (*size == 0) co_return {};
    // STARTER: counted += *size;
    const nara::io::Result<std::size_t> size = source.get_inner()->read(buffer);
    if (!size && nara::io::is_would_block(size.error())) {
      guard->clear_ready();
      continue;
    }
    if (!size) co_return std::unexpected(size.error());
    if (*size == 0) co_return {};
    counted += *size;
    // END SOLUTION
  }
}

/// Counts until the end. Keeps trying: whoever says that there was nothing is asked again.
inline nara::Async<nara::io::Result<void>> keen_count(const Source& source, std::size_t& counted) {
  Buffer buffer;
  while (true) {
    auto guard = co_await source.readable();
    if (!guard) co_return std::unexpected(guard.error());
    // BEGIN SOLUTION
    // STARTER: const nara::io::Result<std::size_t> size = source.get_inner()->read(buffer);
    // STARTER: if (!size && nara::io::is_would_block(size.error())) continue;
    // STARTER: if (!size) co_return std::unexpected(size.error());
    // STARTER: if (*size == 0) co_return {};
    // STARTER: counted += *size;
    const auto read = [&buffer](const Outlet* outlet) { return outlet->read(buffer); };
    const std::optional<nara::io::Result<std::size_t>> size = guard->try_io(read);
    if (!size) continue;
    if (!*size) co_return std::unexpected(size->error());
    if (**size == 0) co_return {};
    counted += **size;
    // END SOLUTION
  }
}
