// Sending datagrams: to anybody, to the one whom a socket is connected with, and what can go wrong.
#include <algorithm>
#include <cerrno>

#include "faults.hpp"
#include "udp.hpp"

TEST_CASE("a connected socket sends to its peer, and receives from nobody else") {
  for (const SocketAddr where : loopbacks()) {
    step("at ", where);
    TurnedPair pair(where);
    const UdpSocket third = now(UdpSocket::bind(where)).value();
    CHECK(error_of(pair.left.peer_addr()) == std::errc::not_connected);
    CHECK(now(pair.left.connect(pair.right_addr)).has_value());
    CHECK(pair.left.peer_addr() == pair.right_addr);
    CHECK(now(pair.left.send(as_bytes("to the right"))) == 12);
    Buffer buffer{};
    const auto got = finish(pair.turned, pair.right.recv_from(buffer));
    CHECK(got == ReceivedFrom{12, false, pair.left_addr});
    step("a third one is not heard");
    CHECK(now(third.send_to(as_bytes("hear me"), pair.left_addr)).has_value());
    CHECK(now(pair.right.send_to(as_bytes("from the right"), pair.left_addr)) == 14);
    CHECK(finish(pair.turned, pair.left.recv_from(buffer)) ==
          ReceivedFrom{14, false, pair.right_addr});
    CHECK(would_block(pair.left.try_recv(buffer)));
  }
}

TEST_CASE("a socket may be connected with somebody else later") {
  TurnedPair pair;
  const UdpSocket third = now(UdpSocket::bind(kAnyPort)).value();
  Buffer buffer{};
  CHECK(now(pair.left.connect(pair.right_addr)).has_value());
  CHECK(now(pair.left.connect(third.local_addr().value())).has_value());
  CHECK(pair.left.peer_addr() == third.local_addr());
  CHECK(now(pair.left.send(as_bytes("abc"))) == 3);
  CHECK(finish(pair.turned, third.recv_from(buffer)) == ReceivedFrom{3, false, pair.left_addr});
  CHECK(would_block(pair.right.try_recv(buffer)));
}

TEST_CASE("a socket that is not connected cannot send without an address") {
  TurnedPair pair;
  CHECK(error_of(now(pair.left.send(as_bytes("x")))) == std::errc::destination_address_required);
  CHECK(error_of(pair.left.try_send(as_bytes("x"))) == std::errc::destination_address_required);
  step("but it receives without one");
  pair.deliver("abc");
  Buffer buffer{};
  CHECK(now(pair.right.recv(buffer)) == Received{3, false});
}

TEST_CASE("a connected socket may still send elsewhere") {
  TurnedPair pair;
  const UdpSocket third = now(UdpSocket::bind(kAnyPort)).value();
  Buffer buffer{};
  CHECK(now(pair.left.connect(pair.right_addr)).has_value());
  CHECK(now(pair.left.send_to(as_bytes("abc"), third.local_addr().value())) == 3);
  CHECK(finish(pair.turned, third.recv_from(buffer)) == ReceivedFrom{3, false, pair.left_addr});
  CHECK(pair.left.peer_addr() == pair.right_addr);
}

TEST_CASE("the longest datagram is sent and received whole, and a longer one is EMSGSIZE") {
  TurnedPair pair;
  REQUIRE(pair.right.set_recv_buffer_size(200'000).has_value());
  std::string much(UdpSocket::kMostBytes, 'x');
  std::ranges::generate(much, [i = 0]() mutable { return static_cast<char>(++i % 251); });
  std::string got(UdpSocket::kMostBytes + 1, '\0');
  CHECK(now(pair.left.send_to(as_bytes(much), pair.right_addr)) == much.size());
  CHECK(finish(pair.turned, pair.right.recv_from(std::as_writable_bytes(std::span(got)))) ==
        ReceivedFrom{much.size(), false, pair.left_addr});
  CHECK((std::string_view(got).substr(0, much.size()) == much));
  much.push_back('y');
  const auto bytes = as_bytes(much);
  CHECK(error_of(now(pair.left.send_to(bytes, pair.right_addr))) == std::errc::message_size);
  CHECK(error_of(pair.left.try_send_to(bytes, pair.right_addr)) == std::errc::message_size);
  const std::array many{Datagram{.bytes = bytes, .peer = pair.right_addr}};
  CHECK(error_of(now(pair.left.send_batch(many))) == std::errc::message_size);
  pair.connect();
  CHECK(error_of(now(pair.left.send(bytes))) == std::errc::message_size);
}

TEST_CASE("an empty datagram is sent") {
  TurnedPair pair;
  pair.connect();
  Buffer buffer{};
  CHECK(now(pair.left.send({})) == 0);
  CHECK(now(pair.left.send_to({}, pair.right_addr)) == 0);
  CHECK(finish(pair.turned, pair.right.recv(buffer)) == Received{0, false});
  CHECK(finish(pair.turned, pair.right.recv(buffer)) == Received{0, false});
}

TEST_CASE("that nobody listens is told to a connected socket, once") {
  const DeadPort nobody;
  TurnedPair pair;
  Buffer buffer{};
  CHECK(now(pair.left.connect(nobody.address())).has_value());
  step("who waits to receive is told");
  auto receive = by_hand(pair.left.recv(buffer));
  CHECK(receive.poll().is_pending());
  CHECK(now(pair.left.send(as_bytes("anybody?"))) == 8);
  while (!receive.is_woken()) pair.turned.driver().park(std::nullopt);
  CHECK(error_of(receive.poll().value()) == std::errc::connection_refused);
  CHECK(by_hand(pair.left.recv(buffer)).poll().is_pending());
  step("or who sends next, whose datagram is not sent");
  CHECK(now(pair.left.send(as_bytes("anybody?"))) == 8);
  pair.await_error();
  CHECK(error_of(now(pair.left.send(as_bytes("lost")))) == std::errc::connection_refused);
  CHECK(pair.left.take_error() == std::error_code());
  step("and then all works");
  CHECK(now(pair.left.connect(pair.right_addr)).has_value());
  CHECK(now(pair.left.send(as_bytes("at last"))) == 7);
  CHECK(finish(pair.turned, pair.right.recv(buffer)) == Received{7, false});
}

TEST_CASE("that nobody listens is not told to a socket that is not connected") {
  const DeadPort nobody;
  TurnedPair pair;
  for (int i = 0; i < 3; ++i) {
    CHECK(now(pair.left.send_to(as_bytes("anybody?"), nobody.address())) == 8);
  }
  Buffer buffer{};
  CHECK(by_hand(pair.left.recv(buffer)).poll().is_pending());
}

TEST_CASE("where nothing can be sent to, an error says why") {
  TurnedPair pair;
  const auto error_at = [&](SocketAddr to) {
    return error_of(now(pair.left.send_to(as_bytes("x"), to)));
  };
  CHECK(error_at(SocketAddr(IpAddr::loopback_v4(), 0)) == std::errc::invalid_argument);
  CHECK(error_at(SocketAddr(IpAddr::loopback_v6(), 9)) == std::errc::address_family_not_supported);
}

TEST_CASE("who is told that there is no room waits for it, and the datagram is sent then") {
  TurnedPair pair;
  pair.connect();
  const auto check = [&](Call call, auto make) {
    step("call ", static_cast<int>(call));
    const Script script(call, {EAGAIN});
    auto send = by_hand(make());
    CHECK(send.poll().is_pending());
    CHECK_FALSE(send.is_woken());
    CHECK(script.calls() == 1);
    step("the kernel says that there is room, whenever it says anything");
    ::deliver(pair.right, pair.left, "x");
    pair.turn();
    CHECK(send.is_woken());
    CHECK(send.poll().value() == 3);
    Buffer buffer{};
    CHECK(finish(pair.turned, pair.right.recv(buffer)) == Received{3, false});
  };
  check(Call::kSend, [&] { return pair.left.send(as_bytes("abc")); });
  check(Call::kSendTo, [&] { return pair.left.send_to(as_bytes("abc"), pair.right_addr); });
}
