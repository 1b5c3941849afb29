// Connecting with a host that has many addresses, of which some may not answer. RFC 8305.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <nara/async.hpp>
#include <nara/future.hpp>
#include <nara/io/result.hpp>
#include <nara/join_set.hpp>
#include <nara/net/lookup.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/select.hpp>
#include <nara/time/clock.hpp>
#include <nara/time/sleep.hpp>
#include <nara/todo.hpp>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

/// Given. So long an attempt is alone. RFC 8305, section 5: the Connection Attempt Delay.
inline constexpr nara::time::Duration kAttemptDelay = std::chrono::milliseconds(250);

/// Given. What `connect(address)` gives when it is awaited: an `io::Result` of a connection. For
/// `TcpStream::connect`, that is an `io::Result<TcpStream>`.
template <class Connect>
using ConnectResult = nara::OutputOf<std::invoke_result_t<Connect&, nara::net::SocketAddr>>;

/// The addresses with both families in turn: one of IPv6, one of IPv4, one of IPv6, … The first one
/// stays the first. Those of one family keep their order; when the other has no more, they follow
/// each other. RFC 8305, section 4.
inline std::vector<nara::net::SocketAddr> interleaved(
    const std::vector<nara::net::SocketAddr>& addresses) {
  return nara::todo("05-4: interleaved() takes from both families in turn");
}

/// Connects with the first address that can be reached, by `connect(address)`.
///
/// Begins with the first one. Begins with the next one when `kAttemptDelay` has passed since it
/// began with the last one, or at once when an attempt has failed; those that it has begun with go
/// on meanwhile. The first that succeeds wins. The others are given up, and destroyed when it
/// returns, also if they have succeeded at the same moment.
///
/// Gives the last error when all fail, and `net::Errc::kNoSuchHost` when there is no address. When
/// it is destroyed, all attempts are given up.
template <class Connect>
nara::Async<ConnectResult<Connect>> connect_first(std::vector<nara::net::SocketAddr> addresses,
                                                  Connect connect) {
  using Result = ConnectResult<Connect>;
  nara::JoinSet<Result> attempts;
  Result result = std::unexpected(make_error_code(nara::net::Errc::kNoSuchHost));
  co_return nara::todo("05-4: connect_first() begins with one after the other");
}
