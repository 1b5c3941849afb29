// Sockets of UDP for these tests, all on this machine.
#pragma once

#include <doctest/doctest.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <nara/async.hpp>
#include <nara/future.hpp>
#include <nara/io/ready.hpp>
#include <nara/io/result.hpp>
#include <nara/io/text.hpp>
#include <nara/net/datagram.hpp>
#include <nara/net/ip_addr.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/net/udp_socket.hpp>
#include <nara/sys/datagram.hpp>
#include <nara/sys/socket.hpp>
#include <optional>
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

/// The addresses of this machine, each with any port. IPv6 only where there is some.
inline std::vector<SocketAddr> loopbacks() {
  std::vector<SocketAddr> all{kAnyPort};
  const Result<OwnedFd> socket = nara::sys::socket(AF_INET6, SOCK_DGRAM);
  if (socket && nara::sys::bind(socket->fd(), kAnyPortV6)) {
    all.push_back(kAnyPortV6);
  } else {
    MESSAGE("this machine has no ::1, so IPv6 is not tested");
  }
  return all;
}

/// What the future gives, which has to be ready now.
template <nara::Future F>
auto now(F future) {
  return by_hand(std::move(future)).poll().value();
}

/// Polls it until it is ready, by hand, and lets the driver wait in between.
template <nara::Future F>
nara::OutputOf<F> finish(Turned& turned, F future) {
  auto polled = by_hand(std::move(future));
  while (true) {
    auto answer = polled.poll();
    if (answer.is_ready()) return std::move(answer).value();
    turned.driver().park(std::nullopt);
  }
}

/// How much memory the datagrams take that wait in this socket. Never less than they need.
inline std::uint32_t waiting_memory(const UdpSocket& socket) {
  using Figures = std::array<std::uint32_t, SK_MEMINFO_VARS>;
  const auto figures = nara::sys::get_option<Figures>(socket.fd(), SOL_SOCKET, SO_MEMINFO);
  return figures.value()[SK_MEMINFO_RMEM_ALLOC];
}

/// Sends this, past the calls that a test may have a script for, and returns when it has arrived.
inline void deliver(const UdpSocket& from, const UdpSocket& to, std::string_view text) {
  const std::uint32_t before = waiting_memory(to);
  nara::sys::RawAddr address(to.local_addr().value());
  iovec piece{.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
  msghdr message{};
  message.msg_name = address.data();
  message.msg_namelen = address.size;
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  REQUIRE(::sendmsg(from.fd(), &message, 0) == std::ssize(text));
  while (waiting_memory(to) == before) ::sched_yield();
}

/// The datagram's text, or why there is none.
inline Result<std::string> text_of(const Result<Received>& received, const Buffer& buffer) {
  if (!received) return std::unexpected(received.error());
  return std::string(as_text(std::span(buffer).first(received->size)));
}

/// Receives what is there now, which is one datagram, and gives its text.
inline Result<std::string> received(const UdpSocket& socket) {
  Buffer buffer{};
  const auto got = socket.try_recv(buffer);
  return text_of(got, buffer);
}

/// A driver that the test turns, and two sockets in it that are not connected.
struct TurnedPair {
  Turned turned;
  UdpSocket left;
  UdpSocket right;
  SocketAddr left_addr = left.local_addr().value();
  SocketAddr right_addr = right.local_addr().value();

  explicit TurnedPair(SocketAddr where = kAnyPort)
      : left(now(UdpSocket::bind(where)).value()), right(now(UdpSocket::bind(where)).value()) {
    turn();
  }

  /// The driver learns all that the kernel has to say.
  void turn() {
    while (turned.turn()) continue;
  }

  /// The left one sends this, the right one has it, and the driver knows.
  void deliver(std::string_view text = "x") {
    ::deliver(left, right, text);
    turn();
  }

  /// Keeps the thread until the left one has an error to tell, and the driver knows.
  void await_error() {
    pollfd news{.fd = left.fd(), .events = 0, .revents = 0};
    REQUIRE(::poll(&news, 1, -1) == 1);
    turn();
  }

  /// Both are connected, with each other.
  void connect() {
    REQUIRE(now(left.connect(right_addr)).has_value());
    REQUIRE(now(right.connect(left_addr)).has_value());
    turn();
  }
};

/// What the future says that it waits for.
template <nara::Future F>
std::string described(const F& future) {
  nara::Trace trace;
  future.describe(trace);
  return trace.waits_for;
}

/// An address of this machine that nobody has while this lives and does not share it.
class DeadPort {
 public:
  explicit DeadPort(SocketAddr where = kAnyPort)
      : socket_(nara::sys::socket(where.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM).value()) {
    REQUIRE(nara::sys::bind(socket_.fd(), where).has_value());
    // Connected with itself, it takes nothing from anybody else: that is refused.
    REQUIRE(nara::sys::connect(socket_.fd(), address()).has_value());
  }

  SocketAddr address() const { return nara::sys::local_addr(socket_.fd()).value(); }

 private:
  OwnedFd socket_;
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
