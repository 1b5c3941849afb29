// Tests of servers: a door, and somebody who comes through it. All on this machine.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <nara/async.hpp>
#include <nara/io/text.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_socket.hpp>
#include <nara/net/tcp_stream.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace nara::test {

/// A socket with small buffers: a test can fill them. Their size is odd, so that what there is room
/// for in the end is a part of a write.
inline net::TcpSocket small_socket() {
  constexpr int kBytes = 5001;
  net::TcpSocket socket = net::TcpSocket::new_v4().value();
  REQUIRE(socket.set_send_buffer_size(kBytes).has_value());
  REQUIRE(socket.set_recv_buffer_size(kBytes).has_value());
  return socket;
}

/// A listener at a port that is free. The buffers of its connections are small: a test can fill
/// them.
inline net::TcpListener listen() {
  net::TcpSocket socket = small_socket();
  REQUIRE(socket.bind({net::IpAddr::loopback_v4(), 0}).has_value());
  io::Result<net::TcpListener> listener = std::move(socket).listen(1024);
  REQUIRE(listener.has_value());
  return *std::move(listener);
}

/// A connection with whoever listens there. Its buffers are small, too.
inline Async<net::TcpStream> connect(net::SocketAddr where) {
  net::Connecting connecting = small_socket().connect(where);
  io::Result<net::TcpStream> stream = co_await connecting;
  REQUIRE(stream.has_value());
  co_return *std::move(stream);
}

/// Writes all of it.
inline Async<> write_all(const net::TcpStream& stream, std::string_view text) {
  while (!text.empty()) {
    const io::Result<std::size_t> size = co_await stream.write(io::as_bytes(text));
    REQUIRE(size.has_value());
    text.remove_prefix(*size);
  }
}

/// Reads until it has so many bytes, or the end.
inline Async<std::string> read_exactly(const net::TcpStream& stream, std::size_t size) {
  std::string text(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const auto rest = std::as_writable_bytes(std::span(text)).subspan(filled);
    const io::Result<std::size_t> more = co_await stream.read(rest);
    REQUIRE(more.has_value());
    if (*more == 0) break;
    filled += *more;
  }
  text.resize(filled);
  co_return text;
}

/// Where two texts begin to differ, for those that are too long to be printed: in words, and
/// nothing when they do not.
inline std::string difference(std::string_view was, std::string_view expected) {
  if (was == expected) return "";
  const auto same = std::ranges::mismatch(was, expected).in1 - was.begin();
  const auto next = [same](std::string_view text) -> std::string {
    constexpr std::size_t kEnough = 20;
    text = text.substr(static_cast<std::size_t>(same));
    if (text.empty()) return "the end";
    std::string piece;
    for (const char letter : text.substr(0, kEnough)) {
      const bool is_plain = ' ' <= letter && letter <= '~';
      piece += is_plain ? std::string(1, letter) : letter == '\n' ? "\\n" : "?";
    }
    return '"' + piece + '"';
  };
  return "after " + std::to_string(same) + " bytes " + next(was) + ", not " + next(expected);
}

/// Throws the connection away: the other side sees a reset, and no end.
inline void reset(net::TcpStream stream) {
  REQUIRE(stream.set_linger(std::chrono::seconds(0)).has_value());
}

}  // namespace nara::test
