// Whatever waits can be destroyed at each point where it waits, and then all goes on.
#include <chrono>
#include <nara/spawn.hpp>
#include <nara/time/timeout.hpp>
#include <string>
#include <testkit/by_hand.hpp>

#include "faults.hpp"
#include "udp.hpp"

using namespace std::chrono_literals;
using nara::test::destroy_at_every_suspension;
using nara::test::let_run;

namespace {

/// Takes all that is there, and what is known of it.
void drain(const UdpSocket& socket) {
  Buffer buffer{};
  while (socket.try_recv(buffer)) continue;
}

Async<std::string> receive_text(const UdpSocket& socket) {
  Buffer buffer{};
  const Result<Received> got = co_await socket.recv(buffer);
  co_return text_of(got, buffer).value();
}

Async<> send_text(const UdpSocket& socket, std::string text, SocketAddr to) {
  const Result<std::size_t> sent = co_await socket.send_to(as_bytes(text), to);
  CHECK(sent == text.size());
}

}  // namespace

TEST_CASE("binding and connecting can be given up at any point, and then they work") {
  TurnedPair pair;
  const auto wait = [&](int) { pair.turned.driver().park(std::nullopt); };
  step("an address that is known already is no reason to wait");
  CHECK(destroy_at_every_suspension([] { return UdpSocket::bind(kAnyPort); }, wait) == 0);
  CHECK(destroy_at_every_suspension([&] { return pair.left.connect(pair.right_addr); }, wait) == 0);
  step("what is only made changes nothing");
  {
    auto given_up = by_hand(pair.left.connect(pair.left_addr));
  }
  CHECK(pair.left.peer_addr() == pair.right_addr);
}

TEST_CASE("receiving can be given up at any point, and no datagram is lost") {
  TurnedPair pair;
  Buffer buffer{};
  RecvBatch batch(4, 100);
  const auto check = [&](const char* what, auto make) {
    step(what);
    const auto afresh = [&] {
      drain(pair.right);
      return make();
    };
    CHECK(destroy_at_every_suspension(afresh, [&](int) { pair.deliver(); }) == 1);
    drain(pair.right);
    auto given_up = by_hand(make());
    CHECK(given_up.poll().is_pending());
    pair.deliver("abc");
    CHECK(given_up.is_woken());
    given_up.cancel();
    CHECK(given_up.wakers_out() == 0);
    CHECK(received(pair.right) == "abc");
  };
  check("recv()", [&] { return pair.right.recv(buffer); });
  check("recv_from()", [&] { return pair.right.recv_from(buffer); });
  check("peek()", [&] { return pair.right.peek(buffer); });
  check("peek_from()", [&] { return pair.right.peek_from(buffer); });
  check("peek_sender()", [&] { return pair.right.peek_sender(); });
  check("recv_batch()", [&] { return pair.right.recv_batch(batch); });
  check("readable()", [&] { return pair.right.readable(); });
  check("ready()", [&] { return pair.right.ready(Interest::kReadable); });
}

TEST_CASE("sending can be given up at any point, and nothing was sent") {
  TurnedPair pair;
  pair.connect();
  const std::array one{Datagram{.bytes = as_bytes("never"), .peer = pair.right_addr}};
  const auto check = [&](const char* what, Call call, auto make) {
    step(what);
    const Script script(call, {EAGAIN});
    auto given_up = by_hand(make());
    CHECK(given_up.poll().is_pending());
    ::deliver(pair.right, pair.left, "x");
    pair.turn();
    CHECK(given_up.is_woken());
    given_up.cancel();
    CHECK(given_up.wakers_out() == 0);
    CHECK(script.calls() == 1);
    pair.deliver("instead");
    CHECK(received(pair.right) == "instead");
    CHECK(would_block(received(pair.right)));
  };
  check("send()", Call::kSend, [&] { return pair.left.send(as_bytes("never")); });
  check("send_to()", Call::kSendTo,
        [&] { return pair.left.send_to(as_bytes("never"), pair.right_addr); });
  check("send_batch()", Call::kSendMMsg, [&] { return pair.left.send_batch(one); });
  step("nor by one that was never polled");
  {
    auto given_up = by_hand(pair.left.send(as_bytes("never")));
  }
  pair.deliver("instead");
  CHECK(received(pair.right) == "instead");
}

TEST_CASE("after a receive was given up, nothing is written into its buffer") {
  TurnedPair pair;
  Buffer buffer{};
  {
    auto given_up = by_hand(pair.right.recv(buffer));
    CHECK(given_up.poll().is_pending());
  }
  pair.deliver("hello");
  CHECK(bool(buffer == Buffer{}));
  CHECK(received(pair.right) == "hello");
}

TEST_CASE("a receive that lost against a timeout leaves the datagram to the next one") {
  nara::test::run_paused([]() -> Async<> {
    const UdpSocket left = co_await bound();
    const UdpSocket right = co_await bound();
    const SocketAddr to = right.local_addr().value();
    const auto nothing = co_await nara::time::timeout(1s, receive_text(right));
    CHECK_FALSE(nothing.has_value());
    co_await send_text(left, "late", to);
    const std::string text = co_await receive_text(right);
    CHECK(text == "late");
  });
}

TEST_CASE("tasks that are aborted while they receive and send leave nothing behind") {
  run_with_drivers([]() -> Async<> {
    const UdpSocket left = co_await bound();
    const UdpSocket right = co_await bound();
    const SocketAddr to = right.local_addr().value();
    RecvBatch batch(4, 100);
    for (int round = 0; round < 20; ++round) {
      auto receive = nara::spawn(receive_text(right));
      auto peek = nara::spawn(right.peek_sender());
      auto many = nara::spawn(right.recv_batch(batch));
      auto send = nara::spawn(send_text(left, "maybe", to));
      co_await let_run(round);
      receive.abort();
      peek.abort();
      many.abort();
      send.abort();
    }
    co_await let_run();
    step("and then all works");
    co_await send_text(left, "last", to);
    while (true) {
      const std::string text = co_await receive_text(right);
      if (text == "last") break;
      CHECK(text == "maybe");
    }
  });
}
