// Both ends of a connection, and an echo at one of them, for demos that measure.
#pragma once

#include <array>
#include <cstddef>
#include <nara/async.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <span>

using nara::Async;
using nara::net::TcpListener;
using nara::net::TcpStream;

struct Connection {
  TcpStream client;
  TcpStream server;
};

inline Async<Connection> connect() {
  const auto listener = co_await TcpListener::bind("127.0.0.1:0");
  auto client = co_await TcpStream::connect(listener->local_addr().value());
  auto accepted = co_await listener->accept();
  co_return Connection{*std::move(client), std::move(accepted->stream)};
}

const std::array<std::byte, 64> kMessage{};

inline Async<> echo(TcpStream stream) {
  std::array<std::byte, 1024> buffer;
  while (true) {
    const auto size = co_await stream.read(buffer);
    if (!size || *size == 0) co_return;
    const auto got = std::span(buffer).first(*size);
    (void)co_await stream.write(got);
  }
}

inline Async<> round_trips(const TcpStream& stream, int times) {
  std::array<std::byte, 1024> buffer;
  for (int i = 0; i < times; ++i) {
    (void)co_await stream.write(kMessage);
    (void)co_await stream.read(buffer);
  }
}
