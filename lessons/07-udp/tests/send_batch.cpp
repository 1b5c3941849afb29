// Sending many datagrams at once.
#include <cerrno>

#include "faults.hpp"
#include "udp.hpp"

namespace {

/// One for each of the texts, all to the same.
std::vector<Datagram> datagrams(const std::vector<std::string>& texts, SocketAddr to) {
  std::vector<Datagram> all;
  for (const std::string& text : texts) all.push_back({.bytes = as_bytes(text), .peer = to});
  return all;
}

/// The texts of so many datagrams.
std::vector<std::string> receive(TurnedPair& pair, const UdpSocket& socket, int count) {
  std::vector<std::string> texts;
  for (int i = 0; i < count; ++i) {
    Buffer buffer{};
    const auto got = finish(pair.turned, socket.recv(buffer));
    texts.push_back(text_of(got, buffer).value());
  }
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a batch is sent in its order, each datagram to its own receiver") {
  for (const SocketAddr where : loopbacks()) {
    step("at ", where);
    TurnedPair pair(where);
    const UdpSocket third = now(UdpSocket::bind(where)).value();
    const SocketAddr third_addr = third.local_addr().value();
    const std::array batch{
        Datagram{.bytes = as_bytes("one"), .peer = pair.right_addr},
        Datagram{.bytes = as_bytes("two"), .peer = third_addr},
        Datagram{.bytes = {}, .peer = pair.right_addr},
        Datagram{.bytes = as_bytes("four"), .peer = pair.right_addr},
    };
    REQUIRE(now(pair.left.send_batch(batch)) == 4);
    CHECK(receive(pair, pair.right, 3) == Texts{"one", "", "four"});
    CHECK(receive(pair, third, 1) == Texts{"two"});
  }
}

TEST_CASE("a datagram without a receiver goes to the one whom the socket is connected with") {
  TurnedPair pair;
  const UdpSocket third = now(UdpSocket::bind(kAnyPort)).value();
  const std::array batch{
      Datagram{.bytes = as_bytes("right")},
      Datagram{.bytes = as_bytes("third"), .peer = third.local_addr().value()},
      Datagram{.bytes = as_bytes("right again")},
  };
  CHECK(error_of(now(pair.left.send_batch(batch))) == std::errc::destination_address_required);
  pair.connect();
  REQUIRE(now(pair.left.send_batch(batch)) == 3);
  CHECK(receive(pair, pair.right, 2) == Texts{"right", "right again"});
  CHECK(receive(pair, third, 1) == Texts{"third"});
}

TEST_CASE("a batch that was received can be sent back as it is") {
  TurnedPair pair;
  RecvBatch batch(4, 100);
  const Texts texts{"a", "", "ccc"};
  for (const std::string& text : texts) deliver(pair.left, pair.right, text);
  pair.turn();
  CHECK(now(pair.right.recv_batch(batch)) == 3);
  REQUIRE(now(pair.right.send_batch(batch)) == 3);
  CHECK(receive(pair, pair.left, 3) == texts);
}

TEST_CASE("nothing at all can be sent, and nothing happens") {
  TurnedPair pair;
  REQUIRE(now(pair.left.send_batch({})) == 0);
  CHECK(pair.left.try_send_batch({}) == 0);
}

TEST_CASE("one call sends at most 64 datagrams") {
  TurnedPair pair;
  const Texts texts(100, "x");
  const std::vector<Datagram> batch = datagrams(texts, pair.right_addr);
  const auto first = now(pair.left.send_batch(batch));
  CHECK(first == UdpSocket::kMostSent);
  REQUIRE(now(pair.left.send_batch(std::span(batch).subspan(*first))) == 36);
  CHECK(receive(pair, pair.right, 100) == texts);
}

TEST_CASE("of a batch for which there is too little room, those at the beginning are sent") {
  TurnedPair pair;
  const Texts texts{"a", "b", "c", "d", "e"};
  const std::vector<Datagram> batch = datagrams(texts, pair.right_addr);
  const std::span<const Datagram> rest = std::span(batch).subspan(2);
  const Script sends(Call::kSendMMsg, {only(2), EAGAIN, only(1)});
  REQUIRE(now(pair.left.send_batch(batch)) == 2);
  step("the rest waits until there is room again");
  auto send = by_hand(pair.left.send_batch(rest));
  CHECK(send.poll().is_pending());
  CHECK_FALSE(send.is_woken());
  CHECK(sends.calls() == 2);
  ::deliver(pair.right, pair.left, "x");
  pair.turn();
  CHECK(send.is_woken());
  CHECK(send.poll().value() == 1);
  REQUIRE(now(pair.left.send_batch(rest.subspan(1))) == 2);
  CHECK(receive(pair, pair.right, 5) == texts);
}

TEST_CASE("of a batch with one that cannot be sent, those before it are, and then it says why") {
  TurnedPair pair;
  const std::string much(UdpSocket::kMostBytes + 1, 'x');
  const Texts texts{"a", "b", much, "d"};
  const std::vector<Datagram> batch = datagrams(texts, pair.right_addr);
  std::span<const Datagram> rest(batch);
  REQUIRE(now(pair.left.send_batch(rest)) == 2);
  rest = rest.subspan(2);
  step("who comes next does not wait: nothing will happen that could wake it");
  CHECK(error_of(now(pair.left.send_batch(rest))) == std::errc::message_size);
  CHECK(error_of(pair.left.try_send_batch(rest)) == std::errc::message_size);
  rest = rest.subspan(1);
  REQUIRE(now(pair.left.send_batch(rest)) == 1);
  CHECK(receive(pair, pair.right, 3) == Texts{"a", "b", "d"});
}

TEST_CASE("without waiting, a batch is sent, or would block") {
  TurnedPair pair;
  const Texts texts{"a", "b"};
  const std::vector<Datagram> batch = datagrams(texts, pair.right_addr);
  CHECK(pair.left.try_send_batch(batch) == 2);
  CHECK(receive(pair, pair.right, 2) == texts);
  const Script sends(Call::kSendMMsg, {EAGAIN});
  CHECK(would_block(pair.left.try_send_batch(batch)));
  CHECK(would_block(pair.left.try_send_batch(batch)));
  CHECK(sends.calls() == 1);
}
