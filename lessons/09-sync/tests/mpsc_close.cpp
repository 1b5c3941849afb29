// The receiver goes, or is closed: what becomes of the messages, and of those who send.
#include <doctest/doctest.h>

#include <expected>
#include <nara/misuse.hpp>
#include <nara/sync/mpsc.hpp>
#include <optional>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/steps.hpp>
#include <testkit/tracked.hpp>
#include <utility>
#include <vector>

namespace mpsc = nara::sync::mpsc;
using mpsc::TryRecvError;
using nara::test::by_hand;
using nara::test::step;
using nara::test::Tracked;

TEST_CASE("a receiver that goes takes all messages with it, before its destructor returns") {
  auto [sender, receiver] = mpsc::channel<Tracked>(4);
  for (const char* name : {"a", "b", "c"}) CHECK(sender.try_send(Tracked(name)).has_value());
  CHECK(receiver.try_recv()->name() == "a");
  CHECK(sender.try_send(Tracked("d")).has_value());
  CHECK(Tracked::alive() == 3);
  {
    const auto gone = std::move(receiver);
  }
  CHECK(Tracked::alive() == 0);
  CHECK(sender.is_closed());
  CHECK(sender.capacity() == 4);
}

TEST_CASE("when the receiver has gone, who sends gets the message back") {
  auto [sender, receiver] = mpsc::channel<Tracked>(1);
  {
    const auto gone = std::move(receiver);
  }
  auto sent = by_hand(sender.send(Tracked("mine"))).poll().value();
  REQUIRE_FALSE(sent.has_value());
  CHECK(sent.error().value.name() == "mine");
  CHECK(sent.error().message() == "the channel is closed");
  const auto tried = sender.try_send(Tracked("mine, too"));
  CHECK(tried.error().is_closed());
  CHECK(tried.error().value.name() == "mine, too");
  CHECK(tried.error().message() == "the channel is closed");
}

TEST_CASE("the same for an unbounded channel") {
  auto [sender, receiver] = mpsc::unbounded_channel<Tracked>();
  CHECK(sender.send(Tracked()).has_value());
  CHECK(receiver.size() == 1);
  {
    const auto gone = std::move(receiver);
  }
  CHECK(Tracked::alive() == 0);
  CHECK(sender.is_closed());
  CHECK(sender.send(Tracked("mine")).error().value.name() == "mine");
}

TEST_CASE("when the receiver goes, those who wait to send are woken, with their messages") {
  auto [sender, receiver] = mpsc::channel<std::string>(1);
  CHECK(sender.try_send("first").has_value());
  auto send = by_hand(sender.send("second"));
  auto reserve = by_hand(sender.reserve());
  auto closed = by_hand(sender.closed());
  CHECK(send.poll().is_pending());
  CHECK(reserve.poll().is_pending());
  CHECK(closed.poll().is_pending());
  {
    const auto gone = std::move(receiver);
  }
  CHECK(send.is_woken());
  CHECK(reserve.is_woken());
  CHECK(closed.is_woken());
  CHECK(send.poll().value().error().value == "second");
  CHECK(reserve.poll().value().error() == mpsc::Closed());
  CHECK(closed.poll().is_ready());
  CHECK_THROWS_AS((void)closed.poll(), nara::Misuse);
}

TEST_CASE("who was chosen and sends after the receiver has gone gets the message back") {
  auto [sender, receiver] = mpsc::channel<int>(1);
  CHECK(sender.try_send(1).has_value());
  auto send = by_hand(sender.send(2));
  CHECK(send.poll().is_pending());
  CHECK(receiver.try_recv() == 1);
  CHECK(send.is_woken());
  {
    const auto gone = std::move(receiver);
  }
  CHECK(send.poll().value().error().value == 2);
  CHECK(sender.capacity() == 1);
}

TEST_CASE("closed() is ready at once when the channel is closed already") {
  auto [sender, receiver] = mpsc::unbounded_channel<int>();
  auto before = by_hand(sender.closed());
  receiver.close();
  receiver.close();
  CHECK(before.poll().is_ready());
  CHECK(by_hand(sender.closed()).poll().is_ready());
}

TEST_CASE("closed() may outlive the senders, and leaves nothing behind") {
  auto [sender, receiver] = mpsc::unbounded_channel<int>();
  auto closed = by_hand(sender.closed());
  CHECK(closed.poll().is_pending());
  {
    const auto gone = std::pair(std::move(sender), std::move(receiver));
  }
  CHECK(closed.is_woken());
  closed.cancel();
  CHECK(closed.wakers_out() == 0);
}

TEST_CASE("a receiver that is closed still gets what was sent before, and then nothing") {
  auto [sender, receiver] = mpsc::channel<int>(2);
  CHECK(sender.try_send(1).has_value());
  receiver.close();
  CHECK(receiver.is_closed());
  CHECK(sender.try_send(2).error().is_closed());
  CHECK(by_hand(receiver.recv()).poll().value() == 1);
  CHECK(by_hand(receiver.recv()).poll().value() == std::nullopt);
  CHECK(receiver.try_recv().error() == TryRecvError::kDisconnected);
}

TEST_CASE("the same for an unbounded receiver") {
  auto [sender, receiver] = mpsc::unbounded_channel<int>();
  CHECK(sender.send(1).has_value());
  receiver.close();
  CHECK(receiver.is_closed());
  CHECK(sender.send(2).error().value == 2);
  CHECK(by_hand(receiver.recv()).poll().value() == 1);
  CHECK(by_hand(receiver.recv()).poll().value() == std::nullopt);
}

TEST_CASE("a receiver that is closed waits for the permits that are out") {
  auto [sender, receiver] = mpsc::channel<int>(2);
  auto first = sender.try_reserve();
  auto second = sender.try_reserve();
  receiver.close();
  auto recv = by_hand(receiver.recv());
  CHECK(recv.poll().is_pending());
  CHECK(receiver.try_recv().error() == TryRecvError::kEmpty);
  step("one sends: it arrives, although the channel is closed");
  std::move(*first).send(7);
  CHECK(recv.is_woken());
  CHECK(recv.poll().value() == 7);
  step("the other gives its room back, and that was the last");
  auto end = by_hand(receiver.recv());
  CHECK(end.poll().is_pending());
  second = std::unexpected(mpsc::TryReserveError::kFull);
  CHECK(end.is_woken());
  CHECK(end.poll().value() == std::nullopt);
  CHECK(receiver.try_recv().error() == TryRecvError::kDisconnected);
}

TEST_CASE("and for those who were chosen to send, and for who was given only a part") {
  auto [sender, receiver] = mpsc::channel<int>(3);
  std::vector<mpsc::Permit<int>> held;
  for (int i = 0; i < 3; ++i) held.push_back(std::move(*sender.try_reserve()));
  auto chosen = by_hand(sender.send(1));
  auto wants_two = by_hand(sender.reserve_many(2));
  CHECK(chosen.poll().is_pending());
  CHECK(wants_two.poll().is_pending());
  held.pop_back();
  held.pop_back();
  CHECK(chosen.is_woken());
  CHECK_FALSE(wants_two.is_woken());
  receiver.close();
  auto recv = by_hand(receiver.recv());
  CHECK(recv.poll().is_pending());
  held.pop_back();
  CHECK_FALSE(recv.is_woken());
  SUBCASE("the one goes, and the other is told") {
    chosen.cancel();
    CHECK_FALSE(recv.is_woken());
    CHECK(wants_two.poll().value().error() == mpsc::Closed());
  }
  SUBCASE("the one is told, and the other goes") {
    CHECK(wants_two.poll().value().error() == mpsc::Closed());
    CHECK_FALSE(recv.is_woken());
    chosen.cancel();
  }
  SUBCASE("both go") {
    chosen.cancel();
    CHECK_FALSE(recv.is_woken());
    wants_two.cancel();
  }
  CHECK(recv.is_woken());
  CHECK(recv.poll().value() == std::nullopt);
}

TEST_CASE("what is sent through a permit after the receiver has gone is destroyed") {
  auto [sender, receiver] = mpsc::channel<Tracked>(2);
  auto permit = sender.try_reserve();
  auto batch = sender.try_reserve_many(1);
  {
    const auto gone = std::move(receiver);
  }
  std::move(*permit).send(Tracked());
  CHECK(Tracked::alive() == 0);
  batch->send(Tracked());
  CHECK(Tracked::alive() == 0);
  CHECK(sender.capacity() == 2);
}
