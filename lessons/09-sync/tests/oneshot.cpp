// One value, once: who sends, who receives, and who goes away before.
#include <doctest/doctest.h>

#include <nara/misuse.hpp>
#include <nara/sync/oneshot.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/steps.hpp>
#include <testkit/tracked.hpp>
#include <utility>

using nara::Misuse;
using nara::sync::oneshot::channel;
using nara::sync::oneshot::RecvError;
using nara::sync::oneshot::TryRecvError;
using nara::test::by_hand;
using nara::test::step;
using nara::test::Tracked;

TEST_CASE("a value that is sent wakes the one who waits for it") {
  auto [sender, receiver] = channel<int>();
  auto future = by_hand(std::move(receiver));
  CHECK(future.poll().is_pending());
  CHECK(std::move(sender).send(7).has_value());
  CHECK(future.wakes() == 1);
  CHECK(future.wakers_out() == 0);
  CHECK(future.poll().value() == 7);
}

TEST_CASE("what was sent before is there at the first poll") {
  auto [sender, receiver] = channel<int>();
  CHECK(std::move(sender).send(7).has_value());
  auto future = by_hand(std::move(receiver));
  CHECK(future.poll().value() == 7);
  CHECK(future.wakes() == 0);
}

TEST_CASE("when the sender is destroyed without having sent, the receiver gets an error") {
  auto [sender, receiver] = channel<int>();
  auto future = by_hand(std::move(receiver));
  CHECK(future.poll().is_pending());
  {
    const auto gone = std::move(sender);
  }
  CHECK(future.is_woken());
  CHECK(future.poll().value().error() == RecvError());
  CHECK(RecvError::message() == "the channel is closed, and nothing was sent");
}

TEST_CASE("to assign to a sender destroys what it was before") {
  auto [sender, receiver] = channel<int>();
  auto [other, another] = channel<int>();
  sender = std::move(other);
  CHECK(receiver.try_recv().error() == TryRecvError::kClosed);
  CHECK(std::move(sender).send(7).has_value());
  receiver = std::move(another);
  CHECK(receiver.try_recv() == 7);
}

TEST_CASE("what cannot be received any more is given back to the one who sends it") {
  auto [sender, receiver] = channel<Tracked>();
  step("who waits for that is woken");
  auto closed = by_hand(sender.closed());
  CHECK(closed.poll().is_pending());
  CHECK_FALSE(sender.is_closed());
  {
    const auto gone = std::move(receiver);
  }
  CHECK(closed.is_woken());
  CHECK(closed.poll().is_ready());
  CHECK(sender.is_closed());
  const auto sent = std::move(sender).send(Tracked("mine"));
  CHECK(sent.error().name() == "mine");
}

TEST_CASE("a receiver that is closed still gets what was sent before") {
  auto [sender, receiver] = channel<int>();
  CHECK(std::move(sender).send(7).has_value());
  receiver.close();
  CHECK(receiver.try_recv() == 7);
}

TEST_CASE("a receiver that is closed gets nothing that is sent later") {
  auto [sender, receiver] = channel<int>();
  auto closed = by_hand(sender.closed());
  CHECK(closed.poll().is_pending());
  receiver.close();
  CHECK(closed.is_woken());
  CHECK(std::move(sender).send(7).error() == 7);
  auto future = by_hand(std::move(receiver));
  CHECK(future.poll().value().error() == RecvError());
}

TEST_CASE("try_recv says that nothing was sent yet, gives the value, and then says closed") {
  auto [sender, receiver] = channel<int>();
  CHECK(receiver.try_recv().error() == TryRecvError::kEmpty);
  CHECK(receiver.is_empty());
  CHECK(std::move(sender).send(7).has_value());
  CHECK_FALSE(receiver.is_empty());
  CHECK(receiver.try_recv() == 7);
  CHECK(receiver.is_empty());
  CHECK(receiver.try_recv().error() == TryRecvError::kClosed);
}

TEST_CASE("a receiver that has had its value is a misuse to await, and try_recv says closed") {
  auto [sender, receiver] = channel<int>();
  CHECK(std::move(sender).send(7).has_value());
  CHECK_FALSE(receiver.is_terminated());
  auto future = by_hand(std::move(receiver));
  CHECK(future.poll().value() == 7);
  CHECK(future.future().is_terminated());
  CHECK_THROWS_WITH_AS((void)future.poll(), doctest::Contains("ask is_terminated() first"), Misuse);
  CHECK(future.future().try_recv().error() == TryRecvError::kClosed);
  CHECK_THROWS_AS((void)std::move(future.future()).blocking_recv(), Misuse);
}

TEST_CASE("so is one that was told that nothing will come") {
  auto [sender, receiver] = channel<int>();
  receiver.close();
  CHECK(receiver.try_recv().error() == TryRecvError::kClosed);
  auto future = by_hand(std::move(receiver));
  CHECK_THROWS_AS((void)future.poll(), Misuse);
  CHECK(future.future().try_recv().error() == TryRecvError::kClosed);
}

TEST_CASE("a sender that has sent is a misuse to use") {
  auto [sender, receiver] = channel<int>();
  CHECK(std::move(sender).send(7).has_value());
  CHECK_THROWS_WITH_AS((void)sender.is_closed(), doctest::Contains("it sends once"), Misuse);
  CHECK_THROWS_AS((void)std::move(sender).send(8), Misuse);
  CHECK_THROWS_AS((void)sender.closed(), Misuse);
}

TEST_CASE("a value that was sent and not taken goes with the receiver") {
  auto [sender, receiver] = channel<Tracked>();
  const auto still_here = sender.closed();
  CHECK(std::move(sender).send(Tracked()).has_value());
  CHECK(Tracked::alive() == 1);
  {
    const auto gone = std::move(receiver);
  }
  CHECK(Tracked::alive() == 0);
}
