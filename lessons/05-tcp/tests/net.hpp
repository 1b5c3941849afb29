// Connections for these tests, all on this machine.
#pragma once

#include <doctest/doctest.h>

#include <cstddef>
#include <nara/async.hpp>
#include <nara/io/text.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <span>
#include <string>
#include <string_view>
#include <testkit/runtime.hpp>
#include <testkit/steps.hpp>
#include <utility>

using nara::Async;
using nara::io::as_bytes;
using nara::io::as_text;
using nara::net::Accepted;
using nara::net::TcpListener;
using nara::net::TcpStream;
using nara::test::run_with_drivers;
using nara::test::step;

/// A listener at a port that is free.
inline Async<TcpListener> listen() {
  nara::io::Result<TcpListener> listener = co_await TcpListener::bind("127.0.0.1:0");
  REQUIRE(listener.has_value());
  co_return *std::move(listener);
}

/// Both ends of a connection.
struct Pair {
  TcpStream client;
  TcpStream server;
};

inline Async<Pair> connected() {
  const TcpListener listener = co_await listen();
  const auto address = listener.local_addr().value();
  nara::io::Result<TcpStream> client = co_await TcpStream::connect(address);
  REQUIRE(client.has_value());
  nara::io::Result<Accepted> accepted = co_await listener.accept();
  REQUIRE(accepted.has_value());
  co_return Pair{*std::move(client), std::move(accepted->stream)};
}

/// Writes all of it.
inline Async<> write_all(const TcpStream& stream, std::string_view text) {
  while (!text.empty()) {
    const nara::io::Result<std::size_t> size = co_await stream.write(as_bytes(text));
    REQUIRE(size.has_value());
    text.remove_prefix(*size);
  }
}

/// Reads until it has so many bytes, or the end.
inline Async<std::string> read_exactly(const TcpStream& stream, std::size_t size) {
  std::string text(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const auto rest = std::as_writable_bytes(std::span(text)).subspan(filled);
    const nara::io::Result<std::size_t> more = co_await stream.read(rest);
    REQUIRE(more.has_value());
    if (*more == 0) break;
    filled += *more;
  }
  text.resize(filled);
  co_return text;
}
