// Both ends of a connection, for the demos.
#pragma once

#include <nara/async.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <utility>

struct Pair {
  nara::net::TcpStream client;
  nara::net::TcpStream server;
};

inline nara::Async<Pair> connected() {
  auto listener = co_await nara::net::TcpListener::bind("127.0.0.1:0");
  const auto address = listener.value().local_addr().value();
  auto client = co_await nara::net::TcpStream::connect(address);
  auto accepted = co_await listener->accept();
  co_return Pair{std::move(client).value(), std::move(accepted).value().stream};
}
