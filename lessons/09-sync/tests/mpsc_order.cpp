// Messages arrive, in their order, until there is nobody left who could send one.
#include <doctest/doctest.h>

#include <memory>
#include <nara/async.hpp>
#include <nara/misuse.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/mpsc.hpp>
#include <optional>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <testkit/steps.hpp>
#include <utility>
#include <vector>

namespace mpsc = nara::sync::mpsc;
using nara::Async;
using nara::test::by_hand;
using nara::test::run;
using nara::test::step;

namespace {

Async<> send_all(mpsc::Sender<int> sender, int first, int end) {
  for (int i = first; i < end; ++i) {
    const auto sent = co_await sender.send(i);
    CHECK(sent.has_value());
  }
}

}  // namespace

TEST_CASE("messages arrive in the order in which they were sent, and then nothing") {
  run([]() -> Async<> {
    auto [sender, receiver] = mpsc::channel<int>(3);
    (void)nara::spawn(send_all, std::move(sender), 0, 100);
    for (int i = 0; i < 100; ++i) {
      const auto received = co_await receiver.recv();
      CHECK(received == i);
    }
    const auto end = co_await receiver.recv();
    CHECK(end == std::nullopt);
    const auto still = co_await receiver.recv();
    CHECK(still == std::nullopt);
  });
}

TEST_CASE("those of each sender arrive in their order, and none is missing") {
  run([]() -> Async<> {
    auto [sender, receiver] = mpsc::channel<int>(3);
    for (int task = 0; task < 4; ++task) {
      (void)nara::spawn(send_all, sender.clone(), 100 * task, 100 * (task + 1));
    }
    {
      const auto gone = std::move(sender);
    }
    std::vector<int> next = {0, 100, 200, 300};
    for (;;) {
      const auto received = co_await receiver.recv();
      if (!received) break;
      CHECK(*received == next.at(*received / 100)++);
    }
    CHECK(next == std::vector{100, 200, 300, 400});
  });
}

TEST_CASE("messages of an unbounded channel arrive in their order, however many they are") {
  auto [sender, receiver] = mpsc::unbounded_channel<int>();
  step("some are sent while others are received: the memory grows, is used again, and given back");
  int sent = 0;
  int received = 0;
  for (const int round : {1, 10000, 3, 20000, 1, 1}) {
    for (int i = 0; i < round; ++i) REQUIRE(sender.send(sent++).has_value());
    for (int i = 0; i < round / 2; ++i) REQUIRE(receiver.try_recv() == received++);
  }
  while (received < sent) REQUIRE(receiver.try_recv() == received++);
  CHECK(receiver.is_empty());
}

TEST_CASE("a receiver that waits is woken by a message") {
  auto [sender, receiver] = mpsc::channel<int>(2);
  auto recv = by_hand(receiver.recv());
  CHECK(recv.poll().is_pending());
  CHECK(sender.try_send(7).has_value());
  CHECK(recv.wakes() == 1);
  CHECK(recv.poll().value() == 7);
  step("who does not wait any more is not woken");
  CHECK(sender.try_send(8).has_value());
  CHECK(recv.wakes() == 1);
  CHECK_THROWS_WITH_AS((void)recv.poll(), doctest::Contains("polled again"), nara::Misuse);
}

TEST_CASE("a receiver that waits is woken when the last sender goes") {
  auto [sender, receiver] = mpsc::channel<int>(2);
  auto recv = by_hand(receiver.recv());
  CHECK(recv.poll().is_pending());
  std::optional second = sender.clone();
  CHECK(sender.strong_count() == 2);
  {
    const auto gone = std::move(sender);
  }
  CHECK_FALSE(recv.is_woken());
  CHECK_FALSE(receiver.is_closed());
  second.reset();
  CHECK(recv.is_woken());
  CHECK(receiver.is_closed());
  CHECK(recv.poll().value() == std::nullopt);
}

TEST_CASE("what was sent is received after the last sender has gone") {
  auto [sender, receiver] = mpsc::channel<int>(2);
  CHECK(sender.try_send(1).has_value());
  CHECK(sender.try_send(2).has_value());
  {
    const auto gone = std::move(sender);
  }
  CHECK(by_hand(receiver.recv()).poll().value() == 1);
  CHECK(by_hand(receiver.recv()).poll().value() == 2);
  CHECK(by_hand(receiver.recv()).poll().value() == std::nullopt);
}

TEST_CASE("whoever polled last is the one who is woken") {
  auto [sender, receiver] = mpsc::channel<int>(2);
  auto first = by_hand(nara::poll_fn(
      [&mine = receiver](nara::Context& context) { return mine.poll_recv(context); }));
  auto second = by_hand(nara::poll_fn(
      [&mine = receiver](nara::Context& context) { return mine.poll_recv(context); }));
  CHECK(first.poll().is_pending());
  CHECK(second.poll().is_pending());
  CHECK(first.wakers_out() == 0);
  CHECK(sender.try_send(7).has_value());
  CHECK(first.wakes() == 0);
  CHECK(second.wakes() == 1);
  CHECK(second.poll().value() == 7);
}

TEST_CASE("to assign to a sender or a receiver destroys what it was before") {
  auto [sender, receiver] = mpsc::channel<int>(2);
  auto [other, another] = mpsc::channel<int>(2);
  CHECK_FALSE(sender.same_channel(other));
  sender = other.clone();
  CHECK(sender.same_channel(other));
  CHECK(receiver.try_recv().error() == mpsc::TryRecvError::kDisconnected);
  CHECK(sender.try_send(7).has_value());
  receiver = std::move(another);
  CHECK(receiver.try_recv() == 7);
}

TEST_CASE("a message may be anything that can be moved") {
  auto [sender, receiver] = mpsc::channel<std::unique_ptr<int>>(1);
  CHECK(sender.try_send(std::make_unique<int>(7)).has_value());
  CHECK(**receiver.try_recv() == 7);
  step("a bool, of which no std::vector can be made, and what needs much room");
  auto [bit, bits] = mpsc::channel<bool>(2);
  CHECK(bit.try_send(true).has_value());
  CHECK(bit.try_send(false).has_value());
  std::vector<bool> received;
  CHECK(by_hand(bits.recv_many(received, 2)).poll().value() == 2);
  CHECK(received == std::vector{true, false});
  struct alignas(128) Wide {
    int value;
  };
  auto [wide, wides] = mpsc::unbounded_channel<Wide>();
  CHECK(wide.send(Wide{7}).has_value());
  CHECK(wides.try_recv()->value == 7);
}

TEST_CASE("a channel for no message, or for too many, is a misuse") {
  CHECK_THROWS_WITH_AS(mpsc::channel<int>(0), doctest::Contains("1 is the least"), nara::Misuse);
  CHECK_THROWS_AS(mpsc::channel<int>(mpsc::kMaxCapacity + 1), nara::Misuse);
  auto [sender, receiver] = mpsc::channel<int>(mpsc::kMaxCapacity);
  CHECK(sender.capacity() == mpsc::kMaxCapacity);
}

TEST_CASE("halves that were moved away are a misuse to use") {
  auto [sender, receiver] = mpsc::channel<int>(1);
  const auto weak = sender.downgrade();
  auto moved_weak = sender.downgrade();
  const auto there = std::pair(std::move(sender), std::move(receiver));
  const auto weak_there = std::move(moved_weak);
  CHECK_THROWS_WITH_AS((void)sender.clone(), doctest::Contains("clone() it before"), nara::Misuse);
  CHECK_THROWS_WITH_AS((void)moved_weak.upgrade(), doctest::Contains("clone() it before"),
                       nara::Misuse);
  CHECK_THROWS_WITH_AS((void)receiver.try_recv(), doctest::Contains("moved to"), nara::Misuse);
}
