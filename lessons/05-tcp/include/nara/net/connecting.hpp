// The way to a connection.
//
//             connect(2)                      writable
//   ┌──────┐ ───────────► ┌────────────────┐ ───────────► SO_ERROR is 0 ──────► connected
//   │ new  │              │ on its way     │                  │
//   └──────┘ ─────┐       │ (EINPROGRESS)  │                  └─► refused, unreachable, timed out
//     done, or    │       └────────────────┘
//     it failed   └─► at once: connected, or why not
#pragma once

#include <nara/async_fd.hpp>
#include <nara/context.hpp>
#include <nara/io/result.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/owned_fd.hpp>
#include <nara/poll.hpp>
#include <nara/trace.hpp>
#include <optional>
#include <system_error>
#include <utility>

namespace nara::inline NARA_BUILD::net {

/// Ready when there is a connection, or when it is clear that there will be none. Made by
/// `TcpSocket::connect()`.
///
/// It may be moved until its first poll. Cancel safety: the attempt is given up, and the socket
/// closed.
class [[nodiscard]] Connecting {
 public:
  using Output = io::Result<TcpStream>;

  Connecting(OwnedFd socket, SocketAddr address) noexcept
      : socket_(std::move(socket)), address_(address) {}

  /// Ready with the connection, or why there is none: `ECONNREFUSED` when nobody listens there,
  /// `EHOSTUNREACH`, `ENETUNREACH`, `ETIMEDOUT` after some minutes, `EADDRNOTAVAIL` when there is
  /// no free port left. Throws `Misuse` when there is no current runtime.
  Poll<Output> poll(Context& context);

  void describe(Trace& trace) const { trace.waits_for = "connect to " + address_.to_string(); }

 private:
  static Output fail(std::error_code why) noexcept { return Output(std::unexpect, why); }

  OwnedFd socket_;
  SocketAddr address_;
  std::optional<TcpStream> stream_;                ///< While it is on its way.
  std::optional<AsyncFdReady<OwnedFd>> writable_;  ///< Of that stream.
};

}  // namespace nara::inline NARA_BUILD::net
