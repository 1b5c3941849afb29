// Receiving many datagrams at once.
#include <cerrno>
#include <nara/misuse.hpp>
#include <utility>

#include "faults.hpp"
#include "udp.hpp"

using nara::Misuse;

namespace {

std::vector<std::string> texts_of(const RecvBatch& batch) {
  std::vector<std::string> texts;
  for (const Datagram& datagram : batch) texts.emplace_back(as_text(datagram.bytes));
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a batch receives all that is there, each with its sender, in their order") {
  for (const SocketAddr where : loopbacks()) {
    step("at ", where);
    TurnedPair pair(where);
    const UdpSocket third = now(UdpSocket::bind(where)).value();
    RecvBatch batch(8, 100);
    CHECK(batch.room() == 8);
    CHECK(batch.empty());
    deliver(pair.left, pair.right, "a");
    deliver(third, pair.right, "");
    deliver(pair.left, pair.right, "cde");
    pair.turn();
    CHECK(now(pair.right.recv_batch(batch)) == 3);
    CHECK(batch.size() == 3);
    CHECK(texts_of(batch) == Texts{"a", "", "cde"});
    CHECK(batch[0].peer == pair.left_addr);
    CHECK(batch[1].peer == third.local_addr());
    CHECK(batch[2].peer == pair.left_addr);
    for (const Datagram& datagram : batch) {
      CHECK(datagram.segment == 0);
      CHECK_FALSE(datagram.truncated);
    }
  }
}

TEST_CASE("a batch is used again and again, and tells what came last") {
  TurnedPair pair;
  RecvBatch batch(4, 5);
  const UdpSocket third = now(UdpSocket::bind(kAnyPort)).value();
  step("long ones, which leave traces");
  for (int i = 0; i < 4; ++i) deliver(third, pair.right, "too long");
  pair.turn();
  CHECK(now(pair.right.recv_batch(batch)) == 4);
  CHECK(texts_of(batch) == Texts(4, "too l"));
  for (const Datagram& datagram : batch) CHECK(datagram.truncated);
  step("short ones, from somebody else");
  pair.deliver("b");
  pair.deliver("");
  CHECK(now(pair.right.recv_batch(batch)) == 2);
  CHECK(texts_of(batch) == Texts{"b", ""});
  for (const Datagram& datagram : batch) {
    CHECK(datagram.peer == pair.left_addr);
    CHECK_FALSE(datagram.truncated);
  }
  step("long ones again");
  for (int i = 0; i < 3; ++i) deliver(third, pair.right, "12345");
  pair.turn();
  CHECK(now(pair.right.recv_batch(batch)) == 3);
  CHECK(texts_of(batch) == Texts(3, "12345"));
  CHECK(batch[2].peer == third.local_addr());
  CHECK_FALSE(batch[2].truncated);
}

TEST_CASE("a batch that was filled does not mean that there is no other datagram") {
  TurnedPair pair;
  RecvBatch batch(4, 100);
  for (int i = 0; i < 8; ++i) deliver(pair.left, pair.right, std::to_string(i));
  step("one event, and two batches");
  pair.turn();
  CHECK(now(pair.right.recv_batch(batch)) == 4);
  CHECK(texts_of(batch) == Texts{"0", "1", "2", "3"});
  CHECK(now(pair.right.recv_batch(batch)) == 4);
  CHECK(texts_of(batch) == Texts{"4", "5", "6", "7"});
  step("there is no third one");
  auto third = by_hand(pair.right.recv_batch(batch));
  CHECK(third.poll().is_pending());
  pair.deliver("8");
  CHECK(third.is_woken());
  CHECK(third.poll().value() == 1);
  CHECK(texts_of(batch) == Texts{"8"});
}

TEST_CASE("a batch that nothing is there for waits, and is empty then") {
  TurnedPair pair;
  RecvBatch batch(2, 100);
  pair.deliver("old");
  CHECK(now(pair.right.recv_batch(batch)) == 1);
  CHECK(would_block(pair.right.try_recv_batch(batch)));
  pair.deliver("x");
  {
    const Script script(Call::kRecvMMsg, {EAGAIN});
    CHECK(by_hand(pair.right.recv_batch(batch)).poll().is_pending());
    CHECK(batch.empty());
  }
  pair.deliver("y");
  CHECK(pair.right.try_recv_batch(batch) == 2);
  CHECK(texts_of(batch) == Texts{"x", "y"});
}

TEST_CASE("an error of a batch is given, and the batch is empty then") {
  TurnedPair pair;
  RecvBatch batch(2, 100);
  pair.deliver("a");
  pair.deliver("b");
  CHECK(now(pair.right.recv_batch(batch)) == 2);
  pair.deliver("c");
  const Script script(Call::kRecvMMsg, {ENOMEM});
  CHECK(error_of(now(pair.right.recv_batch(batch))) == std::errc::not_enough_memory);
  CHECK(batch.empty());
  CHECK(now(pair.right.recv_batch(batch)) == 1);
}

TEST_CASE("a batch may be moved with all that it has received") {
  TurnedPair pair;
  RecvBatch first(2, 100);
  pair.deliver("a");
  CHECK(now(pair.right.recv_batch(first)) == 1);
  RecvBatch batch = std::move(first);
  CHECK(texts_of(batch) == Texts{"a"});
  pair.deliver("b");
  CHECK(now(pair.right.recv_batch(batch)) == 1);
  CHECK(texts_of(batch) == Texts{"b"});
  RecvBatch other(1, 1);
  other = std::move(batch);
  pair.deliver("c");
  CHECK(now(pair.right.recv_batch(other)) == 1);
  CHECK(texts_of(other) == Texts{"c"});
  step("one that was moved from has no room");
  CHECK(first.room() == 0);
  pair.deliver("d");
  CHECK_THROWS_AS((void)now(pair.right.recv_batch(first)), Misuse);
  CHECK(received(pair.right) == "d");
}

TEST_CASE("a batch has room for 1 to 1,024 datagrams, of any size") {
  CHECK_THROWS_AS(RecvBatch(0, 100), Misuse);
  CHECK_THROWS_AS(RecvBatch(1025, 100), Misuse);
  TurnedPair pair;
  RecvBatch largest(1024, 100);
  pair.deliver("a");
  CHECK(now(pair.right.recv_batch(largest)) == 1);
  RecvBatch without_bytes(3, 0);
  pair.deliver("a");
  pair.deliver("");
  CHECK(now(pair.right.recv_batch(without_bytes)) == 2);
  CHECK(without_bytes[0].truncated);
  CHECK_FALSE(without_bytes[1].truncated);
}
