// A server for one client.
#pragma once

#include <array>
#include <cstddef>
#include <nara/async.hpp>
#include <nara/io/write.hpp>
#include <nara/net/tcp_stream.hpp>
#include <span>

// [echo]
/// Sends back what it gets.
inline nara::Async<> echo(nara::net::TcpStream stream) {
  std::array<std::byte, 4096> buffer{};
  while (true) {
    const auto size = co_await stream.read(buffer);
    if (!size || *size == 0) co_return;
    const auto bytes = std::span<const std::byte>(buffer).first(*size);
    (void)co_await nara::io::write_all(stream, bytes);
  }
}
// [/echo]
