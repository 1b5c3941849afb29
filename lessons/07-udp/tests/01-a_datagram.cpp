// Receiving datagrams, one by one.
#include <cerrno>

#include "faults.hpp"
#include "udp.hpp"

namespace {

/// All ways to receive one datagram: each is given a buffer, and gives a `ReceivedFrom`, whose
/// sender is nobody where that is not told.
template <class Check>
void each_way(const UdpSocket& socket, Check check) {
  const auto without_sender = [](const Result<Received>& got) -> Result<ReceivedFrom> {
    if (!got) return std::unexpected(got.error());
    return ReceivedFrom{got->size, got->truncated, SocketAddr()};
  };
  step("recv()");
  check([&](std::span<std::byte> into) { return without_sender(now(socket.recv(into))); });
  step("recv_from()");
  check([&](std::span<std::byte> into) { return now(socket.recv_from(into)); });
  step("try_recv()");
  check([&](std::span<std::byte> into) { return without_sender(socket.try_recv(into)); });
  step("try_recv_from()");
  check([&](std::span<std::byte> into) { return socket.try_recv_from(into); });
}

}  // namespace

TEST_CASE("what send_to() has sent, recv_from() receives, with the sender's address") {
  run_with_drivers([]() -> Async<> {
    for (const SocketAddr where : loopbacks()) {
      step("at ", where);
      const UdpSocket left = co_await bound(where);
      const UdpSocket right = co_await bound(where);
      const SocketAddr to = right.local_addr().value();
      const Result<std::size_t> sent = co_await left.send_to(as_bytes("hello"), to);
      CHECK(sent == 5);
      Buffer buffer{};
      const Result<ReceivedFrom> got = co_await right.recv_from(buffer);
      CHECK(got == ReceivedFrom{5, false, left.local_addr().value()});
      CHECK(as_text(buffer).substr(0, 5) == "hello");
    }
  });
}

TEST_CASE("each datagram is received by itself, in its order, from its own sender") {
  TurnedPair pair;
  const UdpSocket third = now(UdpSocket::bind(kAnyPort)).value();
  Buffer buffer{};
  deliver(pair.left, pair.right, "a");
  deliver(third, pair.right, "bc");
  deliver(pair.left, pair.right, "def");
  pair.turn();
  CHECK(now(pair.right.recv_from(buffer)) == ReceivedFrom{1, false, pair.left_addr});
  CHECK(now(pair.right.recv_from(buffer)) == ReceivedFrom{2, false, third.local_addr().value()});
  CHECK(now(pair.right.recv_from(buffer)) == ReceivedFrom{3, false, pair.left_addr});
  CHECK(as_text(buffer).substr(0, 3) == "def");
}

TEST_CASE("what is longer than the buffer is truncated, and that is told") {
  TurnedPair pair;
  each_way(pair.right, [&](auto receive) {
    Buffer buffer{};
    for (const std::size_t room : {9, 8, 7, 1, 0}) {
      step("room for ", room, " bytes of 8");
      pair.deliver("12345678");
      const Result<ReceivedFrom> got = receive(std::span(buffer).first(room));
      REQUIRE(got.has_value());
      CHECK(got->size == std::min<std::size_t>(room, 8));
      CHECK(got->truncated == (room < 8));
      CHECK(as_text(buffer).substr(0, got->size) == std::string_view("12345678", got->size));
    }
    step("the rest is lost: the next one is another datagram");
    pair.deliver("next");
    CHECK(receive(buffer)->size == 4);
  });
}

TEST_CASE("an empty datagram is data, and no end") {
  TurnedPair pair;
  each_way(pair.right, [&](auto receive) {
    Buffer buffer{};
    for (const std::string_view text : {"", "", "after", ""}) pair.deliver(text);
    for (const std::size_t size : {0, 0, 5, 0}) {
      const Result<ReceivedFrom> got = receive(std::span<std::byte>(buffer));
      REQUIRE(got.has_value());
      CHECK(got->size == size);
      CHECK_FALSE(got->truncated);
    }
  });
  step("who waits is woken by one, too");
  Buffer buffer{};
  auto waiting = by_hand(pair.right.recv_from(buffer));
  CHECK(waiting.poll().is_pending());
  pair.deliver("");
  CHECK(waiting.is_woken());
  CHECK(waiting.poll().value() == ReceivedFrom{0, false, pair.left_addr});
}

TEST_CASE("a datagram that is shorter than the buffer does not mean that there is no other") {
  TurnedPair pair;
  each_way(pair.right, [&](auto receive) {
    Buffer buffer{};
    for (int i = 0; i < 10; ++i) deliver(pair.left, pair.right, "x");
    step("one event, and all ten are received");
    pair.turn();
    for (int i = 0; i < 10; ++i) CHECK(receive(std::span<std::byte>(buffer)).has_value());
    CHECK(by_hand(pair.right.recv(buffer)).poll().is_pending());
  });
}

TEST_CASE("who receives sleeps until a datagram comes, and says so") {
  TurnedPair pair;
  Buffer buffer{};
  auto receive = by_hand(pair.right.recv_from(buffer));
  CHECK(described(pair.right.recv_from(buffer)) ==
        "AsyncFd readable, descriptor " + std::to_string(pair.right.fd()));
  CHECK(receive.poll().is_pending());
  pair.turn();
  CHECK_FALSE(receive.is_woken());
  pair.deliver("hello");
  CHECK(receive.is_woken());
  CHECK(receive.poll().value() == ReceivedFrom{5, false, pair.left_addr});
}

TEST_CASE("a datagram that is gone when it is to be received is waited for no longer") {
  TurnedPair pair;
  Buffer buffer{};
  const auto check = [&](Call call, auto future) {
    step("call ", static_cast<int>(call));
    pair.deliver("old");
    {
      const Script script(call, {EAGAIN});
      auto receive = by_hand(std::move(future));
      CHECK(receive.poll().is_pending());
      CHECK_FALSE(receive.is_woken());
      CHECK(script.calls() == 1);
      pair.deliver("new");
      CHECK(receive.is_woken());
      CHECK(receive.poll().is_ready());
      CHECK(script.calls() == 2);
    }
    while (pair.right.try_recv(buffer)) continue;
  };
  check(Call::kRecv, pair.right.recv(buffer));
  check(Call::kRecvFrom, pair.right.recv_from(buffer));
  check(Call::kRecv, pair.right.peek(buffer));
  check(Call::kRecvFrom, pair.right.peek_from(buffer));
  check(Call::kRecvFrom, pair.right.peek_sender());
}

TEST_CASE("an error of receiving is given, and the next try is another one") {
  TurnedPair pair;
  Buffer buffer{};
  pair.deliver("still there");
  {
    const Script script(Call::kRecvFrom, {ENOMEM});
    CHECK(error_of(now(pair.right.recv_from(buffer))) == std::errc::not_enough_memory);
  }
  {
    const Script script(Call::kRecv, {ENOMEM});
    CHECK(error_of(now(pair.right.recv(buffer))) == std::errc::not_enough_memory);
  }
  CHECK(received(pair.right) == "still there");
}
