// Looking at a datagram that stays where it is.
#include "udp.hpp"

TEST_CASE("a datagram that was peeked at twice is still received whole") {
  TurnedPair pair;
  Buffer first{};
  Buffer second{};
  Buffer third{};
  pair.deliver("hello");
  pair.deliver("another");
  const ReceivedFrom hello{5, false, pair.left_addr};
  CHECK(now(pair.right.peek_from(first)) == hello);
  CHECK(now(pair.right.peek_from(second)) == hello);
  CHECK(now(pair.right.peek_sender()) == pair.left_addr);
  CHECK(now(pair.right.recv_from(third)) == hello);
  for (const Buffer* buffer : {&first, &second, &third}) {
    CHECK(as_text(*buffer).substr(0, 5) == "hello");
  }
  CHECK(received(pair.right) == "another");
}

TEST_CASE("peek() gives the datagram without its sender") {
  TurnedPair pair;
  pair.connect();
  Buffer buffer{};
  pair.deliver("hello");
  CHECK(now(pair.right.peek(buffer)) == Received{5, false});
  CHECK(pair.right.try_peek(buffer) == Received{5, false});
  CHECK(as_text(buffer).substr(0, 5) == "hello");
  CHECK(received(pair.right) == "hello");
}

TEST_CASE("a datagram that is longer than the buffer is not cut by peeking") {
  TurnedPair pair;
  Buffer buffer{};
  const auto small = std::span(buffer).first(2);
  pair.deliver("hello");
  CHECK(now(pair.right.peek(small)) == Received{2, true});
  CHECK(now(pair.right.peek_from(small)) == ReceivedFrom{2, true, pair.left_addr});
  CHECK(pair.right.try_peek(small) == Received{2, true});
  CHECK(pair.right.try_peek_from(small) == ReceivedFrom{2, true, pair.left_addr});
  CHECK(as_text(small) == "he");
  CHECK(received(pair.right) == "hello");
}

TEST_CASE("the sender of an empty datagram is known, too") {
  TurnedPair pair;
  pair.deliver("");
  CHECK(now(pair.right.peek_sender()) == pair.left_addr);
  CHECK(pair.right.try_peek_sender() == pair.left_addr);
  CHECK(received(pair.right) == "");
}

TEST_CASE("who peeks waits until there is something") {
  TurnedPair pair;
  Buffer buffer{};
  auto peek = by_hand(pair.right.peek(buffer));
  auto peek_from = by_hand(pair.right.peek_from(buffer));
  auto sender = by_hand(pair.right.peek_sender());
  CHECK(peek.poll().is_pending());
  CHECK(peek_from.poll().is_pending());
  CHECK(sender.poll().is_pending());
  pair.deliver("abc");
  CHECK(peek.poll().value() == Received{3, false});
  CHECK(peek_from.poll().value() == ReceivedFrom{3, false, pair.left_addr});
  CHECK(sender.poll().value() == pair.left_addr);
}
