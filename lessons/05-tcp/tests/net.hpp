// Connections for these tests, all on this machine.
#pragma once

#include <doctest/doctest.h>
#include <poll.h>
#include <unistd.h>

#include <cstddef>
#include <nara/async.hpp>
#include <nara/future.hpp>
#include <nara/io/result.hpp>
#include <nara/io/text.hpp>
#include <nara/net/connecting.hpp>
#include <nara/net/ip_addr.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_socket.hpp>
#include <nara/net/tcp_stream.hpp>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <testkit/by_hand.hpp>
#include <testkit/net.hpp>
#include <testkit/runtime.hpp>
#include <testkit/steps.hpp>
#include <testkit/turned.hpp>
#include <type_traits>
#include <utility>
#include <vector>

using nara::Async;
using nara::OwnedFd;
using nara::io::as_bytes;
using nara::io::as_text;
using nara::io::Interest;
using nara::io::Result;
using nara::net::Accepted;
using nara::net::Connecting;
using nara::net::IpAddr;
using nara::net::SocketAddr;
using nara::net::TcpListener;
using nara::net::TcpSocket;
using nara::net::TcpStream;
using nara::test::by_hand;
using nara::test::read_exactly;
using nara::test::run_with_drivers;
using nara::test::step;
using nara::test::Turned;
using nara::test::write_all;

/// Any port of this machine.
inline constexpr SocketAddr kAnyPort(IpAddr::loopback_v4(), 0);

/// The addresses of this machine, each with any port. IPv6 only where there is some.
inline std::vector<SocketAddr> loopbacks() {
  std::vector<SocketAddr> all{kAnyPort};
  const SocketAddr v6(IpAddr::loopback_v6(), 0);
  const Result<TcpSocket> socket = TcpSocket::new_v6();
  if (socket && socket->bind(v6)) {
    all.push_back(v6);
  } else {
    MESSAGE("this machine has no ::1, so IPv6 is not tested");
  }
  return all;
}

/// A listener at a port that is free.
inline Async<TcpListener> listen(SocketAddr where = kAnyPort) {
  Result<TcpListener> listener = co_await TcpListener::bind(where);
  REQUIRE(listener.has_value());
  co_return *std::move(listener);
}

/// Both ends of a connection.
struct Pair {
  TcpStream client;
  TcpStream server;
};

/// A connection to that listener.
inline Async<Pair> connected_to(const TcpListener& listener) {
  const auto address = listener.local_addr().value();
  Result<TcpStream> client = co_await TcpStream::connect(address);
  REQUIRE(client.has_value());
  Result<Accepted> accepted = co_await listener.accept();
  REQUIRE(accepted.has_value());
  co_return Pair{*std::move(client), std::move(accepted->stream)};
}

inline Async<Pair> connected(SocketAddr where = kAnyPort) {
  const TcpListener listener = co_await listen(where);
  Pair pair = co_await connected_to(listener);
  co_return pair;
}

/// Reads once, and gives what that was, or why it was nothing.
inline Async<Result<std::string>> read_text(const TcpStream& stream) {
  std::string text(1000, '\0');
  const Result<std::size_t> size = co_await stream.read(std::as_writable_bytes(std::span(text)));
  if (!size) co_return std::unexpected(size.error());
  text.resize(*size);
  co_return text;
}

/// Polls it until it is ready, by hand, and lets the driver wait in between.
template <nara::Future F>
nara::OutputOf<F> finish(Turned& turned, F future) {
  auto polled = by_hand(std::move(future));
  while (true) {
    auto answer = polled.poll();
    if constexpr (std::is_void_v<nara::OutputOf<F>>) {
      if (answer.is_ready()) return;
    } else {
      if (answer.is_ready()) return std::move(answer).value();
    }
    turned.driver().park(std::nullopt);
  }
}

/// Keeps the thread until the kernel has something to read there, and the driver knows it.
inline void await_news(Turned& turned, const auto& socket) {
  pollfd news{.fd = socket.fd(), .events = POLLIN, .revents = 0};
  REQUIRE(::poll(&news, 1, -1) == 1);
  while (turned.turn()) continue;
}

/// Writes until there is no more room on the whole way, and gives how much that was.
inline std::size_t fill(Turned& turned, const TcpStream& stream) {
  static const std::string much(100'000, 'x');
  std::size_t sent = 0;
  do {
    while (const auto size = stream.try_write(as_bytes(much))) sent += *size;
  } while (turned.turn());
  return sent;
}

/// A driver that the test turns, and a connection in it.
struct TurnedPair {
  Turned turned;
  Pair pair = finish(turned, connected());
  TcpStream& client = pair.client;
  TcpStream& server = pair.server;

  TurnedPair() {
    while (turned.turn()) continue;
  }

  /// The server writes this, which is little, and the client's side knows it.
  void deliver(std::string_view text = "x") {
    finish(turned, write_all(server, text));
    await_news(turned, client);
  }

  /// The server's side closes, or is thrown away, and the client's side knows it.
  void close_server() {
    {
      const TcpStream closed = std::move(server);
    }
    await_news(turned, client);
  }
};

/// A driver that the test turns, and a listener in it.
struct Door {
  Turned turned;
  TcpListener listener = finish(turned, listen());

  SocketAddr address() const { return listener.local_addr().value(); }

  /// Somebody comes: the kernel has the connection when this returns, and the driver knows it.
  TcpStream knock() {
    TcpStream client = finish(turned, TcpStream::connect(address())).value();
    await_news(turned, listener);
    return client;
  }

  /// Takes the next connection, which is there.
  Accepted take() { return finish(turned, listener.accept()).value(); }
};

/// What the future says that it waits for.
template <nara::Future F>
std::string described(const F& future) {
  nara::Trace trace;
  future.describe(trace);
  return trace.waits_for;
}

/// A socket with a port that nobody listens at. While it lives, nobody else has that port.
class DeadPort {
 public:
  explicit DeadPort(SocketAddr where = kAnyPort) { REQUIRE(socket_.bind(where).has_value()); }

  SocketAddr address() const { return socket_.local_addr().value(); }

 private:
  TcpSocket socket_ = TcpSocket::new_v4().value();
};

/// Why it is no value.
template <class T>
std::error_code error_of(const Result<T>& result) {
  return result ? std::error_code() : result.error();
}

inline std::error_code system_error(int number) { return {number, std::system_category()}; }
