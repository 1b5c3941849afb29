// Sockets of UDP for these tests, all on this machine.
#pragma once

#include <doctest/doctest.h>
#include <poll.h>

#include <array>
#include <cstddef>
#include <nara/async.hpp>
#include <nara/future.hpp>
#include <nara/io/ready.hpp>
#include <nara/io/result.hpp>
#include <nara/io/text.hpp>
#include <nara/net/datagram.hpp>
#include <nara/net/ip_addr.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/net/udp_socket.hpp>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <testkit/by_hand.hpp>
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
using nara::net::Datagram;
using nara::net::IpAddr;
using nara::net::Received;
using nara::net::ReceivedFrom;
using nara::net::RecvBatch;
using nara::net::SocketAddr;
using nara::net::UdpSocket;
using nara::test::by_hand;
using nara::test::run_with_drivers;
using nara::test::step;
using nara::test::Turned;

using Buffer = std::array<std::byte, 100>;

/// Any port of this machine.
inline constexpr SocketAddr kAnyPort(IpAddr::loopback_v4(), 0);
inline constexpr SocketAddr kAnyPortV6(IpAddr::loopback_v6(), 0);

/// A socket at a port that is free.
inline Async<UdpSocket> bound(SocketAddr where = kAnyPort) {
  Result<UdpSocket> socket = co_await UdpSocket::bind(where);
  REQUIRE(socket.has_value());
  co_return *std::move(socket);
}

/// What the future gives, which has to be ready now.
template <nara::Future F>
auto now(F future) {
  return by_hand(std::move(future)).poll().value();
}

/// Keeps the thread until the kernel has something there to receive, and the driver knows it.
inline void await_news(Turned& turned, const UdpSocket& socket) {
  pollfd news{.fd = socket.fd(), .events = POLLIN, .revents = 0};
  REQUIRE(::poll(&news, 1, -1) == 1);
  while (turned.turn()) continue;
}

/// A driver that the test turns, and two sockets in it that are not connected.
struct TurnedPair {
  Turned turned;
  UdpSocket left;
  UdpSocket right;

  explicit TurnedPair(SocketAddr where = kAnyPort)
      : left(now(UdpSocket::bind(where)).value()), right(now(UdpSocket::bind(where)).value()) {
    while (turned.turn()) continue;
  }

  SocketAddr left_addr() const { return left.local_addr().value(); }
  SocketAddr right_addr() const { return right.local_addr().value(); }
};

/// Why it is no value.
template <class T>
std::error_code error_of(const Result<T>& result) {
  return result ? std::error_code() : result.error();
}

template <class T>
bool would_block(const Result<T>& result) {
  return nara::io::is_would_block(error_of(result));
}

inline std::error_code system_error(int number) { return {number, std::system_category()}; }
