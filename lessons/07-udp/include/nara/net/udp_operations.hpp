// What a socket of UDP does as soon as it is ready: operations for `AsyncFd::async_io()`.
//
// An operation says that it `leaves_nothing()` when the next one would say `EAGAIN`. One datagram
// tells nothing about the next, be it short or empty, so only a batch can know.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <nara/io/result.hpp>
#include <nara/net/datagram.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/owned_fd.hpp>
#include <nara/sys/datagram.hpp>
#include <nara/sys/socket.hpp>
#include <span>

namespace nara::inline NARA_BUILD::net::detail {

struct RecvOne {
  std::span<std::byte> into;
  int flags = 0;
  io::Result<Received> operator()(const OwnedFd& socket) const noexcept {
    return sys::recv_datagram(socket.fd(), into, flags);
  }
};

// [recv_one]
struct RecvOneFrom {
  std::span<std::byte> into;
  int flags = 0;
  io::Result<ReceivedFrom> operator()(const OwnedFd& socket) const noexcept {
    return sys::recv_from(socket.fd(), into, flags);
  }
};
// [/recv_one]

struct PeekSender {
  io::Result<SocketAddr> operator()(const OwnedFd& socket) const noexcept {
    const auto peeked = sys::recv_from(socket.fd(), {}, MSG_PEEK);
    if (!peeked) return std::unexpected(peeked.error());
    return peeked->from;
  }
};

// [recv_many]
struct RecvMany {
  RecvBatch* batch;
  io::Result<std::size_t> operator()(const OwnedFd& socket) const {
    return batch->receive(socket.fd());
  }
  /// The kernel would have given more if there were more.
  bool leaves_nothing(std::size_t count) const noexcept {
    // BEGIN SOLUTION
    // STARTER: return todo("07-layer: does a batch of `count` datagrams leave nothing to receive?");
    return count < batch->room();
    // END SOLUTION
  }
};
// [/recv_many]

struct SendOne {
  std::span<const std::byte> bytes;
  io::Result<std::size_t> operator()(const OwnedFd& socket) const noexcept {
    return sys::send(socket.fd(), bytes);
  }
};

struct SendOneTo {
  std::span<const std::byte> bytes;
  SocketAddr to;
  io::Result<std::size_t> operator()(const OwnedFd& socket) const noexcept {
    return sys::send_to(socket.fd(), bytes, to);
  }
};

/// That fewer were sent than there are does not mean that there is no room: the next one may be one
/// that cannot be sent at all.
struct SendMany {
  std::span<const Datagram> datagrams;
  io::Result<std::size_t> operator()(const OwnedFd& socket) const noexcept;
};

}  // namespace nara::inline NARA_BUILD::net::detail
