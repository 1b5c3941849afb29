// Sending and receiving without waiting, and waiting without sending or receiving.
#include <cerrno>
#include <nara/io/ready.hpp>

#include "faults.hpp"
#include "udp.hpp"

using nara::io::Ready;

TEST_CASE(
    "try_recv and its like give EAGAIN until there is a datagram, and make no call for that") {
  TurnedPair pair;
  Buffer buffer{};
  RecvBatch batch(2, 100);
  (void)pair.turned.calls();
  CHECK(would_block(pair.right.try_recv(buffer)));
  CHECK(would_block(pair.right.try_recv_from(buffer)));
  CHECK(would_block(pair.right.try_peek(buffer)));
  CHECK(would_block(pair.right.try_peek_from(buffer)));
  CHECK(would_block(pair.right.try_peek_sender()));
  CHECK(would_block(pair.right.try_recv_batch(batch)));
  CHECK(pair.turned.calls() == 0);
  pair.deliver("abc");
  const ReceivedFrom abc{3, false, pair.left_addr};
  CHECK(pair.right.try_peek_sender() == pair.left_addr);
  CHECK(pair.right.try_peek_from(buffer) == abc);
  CHECK(pair.right.try_recv_from(buffer) == abc);
  CHECK(would_block(pair.right.try_recv_from(buffer)));
  pair.deliver("abc");
  CHECK(pair.right.try_recv(buffer) == Received{3, false});
  CHECK(would_block(pair.right.try_recv(buffer)));
}

TEST_CASE("readable() waits for a datagram, and writable() for room") {
  TurnedPair pair;
  Buffer buffer{};
  auto readable = by_hand(pair.right.readable());
  CHECK(readable.poll().is_pending());
  pair.deliver();
  CHECK(readable.is_woken());
  CHECK(bool(readable.poll().value()->ready() == Ready::kReadable));
  const Interest either = Interest::kReadable | Interest::kWritable;
  CHECK(bool(now(pair.right.ready(either))->ready() == (Ready::kReadable | Ready::kWritable)));
  CHECK(pair.right.try_recv(buffer).has_value());
  step("it stays, until somebody has tried");
  CHECK(by_hand(pair.right.readable()).poll().is_ready());
  CHECK(would_block(pair.right.try_recv(buffer)));
  CHECK(by_hand(pair.right.readable()).poll().is_pending());
  CHECK(bool(now(pair.right.ready(either))->ready() == Ready::kWritable));
}

TEST_CASE("try_send gives EAGAIN when there is no room, and makes no call until there may be") {
  TurnedPair pair;
  pair.connect();
  const Script sends(Call::kSend, {EAGAIN});
  CHECK(would_block(pair.left.try_send(as_bytes("abc"))));
  CHECK(would_block(pair.left.try_send(as_bytes("abc"))));
  CHECK(would_block(pair.left.try_send_to(as_bytes("abc"), pair.right_addr)));
  CHECK(sends.calls() == 1);
  auto writable = by_hand(pair.left.writable());
  CHECK(writable.poll().is_pending());
  ::deliver(pair.right, pair.left, "x");
  pair.turn();
  CHECK(writable.is_woken());
  CHECK(pair.left.try_send(as_bytes("abc")) == 3);
  CHECK(pair.left.try_send_to(as_bytes("de"), pair.right_addr) == 2);
  Buffer buffer{};
  CHECK(finish(pair.turned, pair.right.recv(buffer)) == Received{3, false});
  CHECK(finish(pair.turned, pair.right.recv(buffer)) == Received{2, false});
}

TEST_CASE("a loop of readable() and try_recv_from gets every datagram") {
  run_with_drivers([]() -> Async<> {
    const UdpSocket left = co_await bound();
    const UdpSocket right = co_await bound();
    const SocketAddr to = right.local_addr().value();
    std::string got;
    for (int i = 0; i < 20; ++i) {
      const std::string text(1, static_cast<char>('a' + i));
      while (true) {
        const auto writable = co_await left.writable();
        REQUIRE(writable.has_value());
        const Result<std::size_t> sent = left.try_send_to(as_bytes(text), to);
        if (sent) break;
        REQUIRE(would_block(sent));
      }
      if (i % 2 == 0) continue;
      for (int missing = 2; missing > 0;) {
        const auto readable = co_await right.readable();
        REQUIRE(readable.has_value());
        Buffer buffer{};
        const Result<ReceivedFrom> received = right.try_recv_from(buffer);
        if (!received) {
          REQUIRE(would_block(received));
          continue;
        }
        got += as_text(std::span(buffer).first(received->size));
        --missing;
      }
    }
    CHECK(got == "abcdefghijklmnopqrst");
  });
}

TEST_CASE("several that wait for one socket share its datagrams out, and none is given twice") {
  TurnedPair pair;
  Buffer one{};
  Buffer other{};
  auto first = by_hand(pair.right.recv(one));
  auto second = by_hand(pair.right.recv(other));
  CHECK(first.poll().is_pending());
  CHECK(second.poll().is_pending());
  pair.deliver("a");
  CHECK(first.is_woken());
  CHECK(second.is_woken());
  CHECK(second.poll().is_ready());
  CHECK(first.poll().is_pending());
  pair.deliver("b");
  CHECK(first.poll().is_ready());
  CHECK(as_text(other).substr(0, 1) == "a");
  CHECK(as_text(one).substr(0, 1) == "b");
}
