// A proxy: whoever connects to it talks with a server behind it, and does not notice.
//
//                   ┌──────────── visit() ────────────┐
//                   │       copy_bidirectional()      │
//   client ◄──TCP──►│ Metered ◄─────────────► Metered │◄──TCP──► server
//                   │        idle(): too long?        │
//                   └─────────────────────────────────┘
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <nara/async.hpp>
#include <nara/io/copy.hpp>
#include <nara/io/result.hpp>
#include <nara/join_set.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/select.hpp>
#include <nara/time/clock.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <nara/todo.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace proxy {

/// Given. How much of everything there may be.
struct Limits {
  std::size_t connections = 1000;  ///< At a time. Who else comes waits at the door.
  nara::time::Duration connect_time = std::chrono::seconds(5);  ///< Until the server is there.
  nara::time::Duration idle = std::chrono::seconds(60);  ///< Without a byte in either direction.
  nara::time::Duration grace = std::chrono::seconds(5);  ///< To finish, when the proxy stops.
};

/// Given. What has gone through a connection.
struct Traffic {
  std::uint64_t up = 0;                          ///< Bytes that the server was given.
  std::uint64_t down = 0;                        ///< Bytes that the client was given.
  nara::time::Instant last = nara::time::now();  ///< When that was, or when it began.
};

/// Given. How a connection has ended. Only the first is a good end.
enum class End : std::uint8_t {
  kComplete,     ///< Both sides have said their end.
  kBroken,       ///< One of them has thrown it away.
  kIdle,         ///< Nothing has moved for too long.
  kNobodyThere,  ///< The server could not be reached.
  kCutOff,       ///< The proxy has stopped.
};

/// Given. What is written down of a connection, when it has ended.
struct Record {
  int number = 0;
  nara::net::SocketAddr client;
  Traffic traffic;
  End end = End::kCutOff;
};
using Log = std::function<void(const Record&)>;

/// Given. A record that is written down when this is destroyed, however that comes.
class Entry {
 public:
  Entry(const Log& log, int number, nara::net::SocketAddr client)
      : record{.number = number, .client = client, .traffic = {}}, log_(log) {}
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;
  ~Entry() { log_(record); }

  Record record;

 private:
  const Log& log_;
};

/// Stage 1. A stream that counts what is written to it. All else it passes on.
template <class Stream>
class Metered {
 public:
  /// Counts bytes in `count`, which is one of `traffic`. All three have to outlive it.
  Metered(Stream& inner, std::uint64_t& count, Traffic& traffic) noexcept
      : inner_(inner), count_(count), traffic_(traffic) {}

  auto read(std::span<std::byte> into) { return inner_.read(into); }
  auto flush() { return inner_.flush(); }
  auto shutdown() { return inner_.shutdown(); }

  /// Writes to the stream. Adds to the count how many bytes it has taken, and notes that this was
  /// now (`traffic.last`). Cancel safe: nothing was written, and nothing counted.
  nara::Async<nara::io::Result<std::size_t>> write(std::span<const std::byte> bytes) {
    co_return nara::todo("06-5: Metered::write() writes, and counts what was taken");
  }

 private:
  Stream& inner_;
  [[maybe_unused]] std::uint64_t& count_;
  [[maybe_unused]] Traffic& traffic_;
};

/// Stage 2. Ready when nothing has moved for `limit`. What moves meanwhile gives it more time.
inline nara::Async<> idle(const Traffic& traffic, nara::time::Duration limit) {
  nara::todo("06-5: idle() sleeps, until nothing has moved for so long");
  co_return;
}

/// Stage 3. Copies in both directions, through two `Metered`, until both have ended, or one has
/// failed, or nothing moves for `limit`. Says which of them it was.
template <class Client, class Server>
nara::Async<End> relay(Client& client, Server& server, Traffic& traffic,
                       nara::time::Duration limit) {
  co_return nara::todo("06-5: relay() copies both ways, but not for ever");
}

/// Stage 4. One client, from its coming to its end. Connects to the server, within
/// `limits.connect_time`, relays, and puts into `entry.record` what has gone through, and how it
/// has ended.
///
/// Who reads an end has to be able to rely on it: all was said. So only `kComplete` ends a
/// connection with an end. Whatever else happens, be it that this task is aborted, both sides see a
/// reset.
inline nara::Async<> visit(nara::net::TcpStream client, nara::net::SocketAddr from, int number,
                           nara::net::SocketAddr upstream, const Limits& limits, const Log& log) {
  Entry entry(log, number, from);
  nara::todo("06-5: visit() connects, relays, and resets unless all went well");
  co_return;
}

/// Given. Waits until all have gone, for `grace` at most, and aborts who is left.
inline nara::Async<> drain(nara::JoinSet<void>& visits, nara::time::Duration grace) {
  const nara::time::Instant deadline = nara::time::now() + grace;
  while (!visits.empty()) {
    const auto ended = co_await nara::time::timeout_at(deadline, visits.join_next());
    if (!ended) break;
  }
  co_await visits.shutdown();
}

/// Stage 5. Lets in who comes, until `stop` is ready: one task each, with the numbers 1, 2, 3, …
/// But no more than `limits.connections` at a time: who else comes is not accepted yet. Then it
/// closes the door, and drains.
inline nara::Async<> serve(nara::net::TcpListener listener, nara::net::SocketAddr upstream,
                           nara::Async<> stop, const Limits& limits, const Log& log) {
  nara::JoinSet<void> visits;
  std::optional<nara::net::TcpListener> door(std::move(listener));
  nara::todo("06-5: serve() accepts within the limit, until the stop, and then drains");
  co_return;
}

}  // namespace proxy
