// One end of a broadcast channel goes, and the other one learns of it.
#include <doctest/doctest.h>

#include <nara/sync/broadcast.hpp>
#include <testkit/by_hand.hpp>
#include <utility>

#include "destroy.hpp"

using nara::Misuse;
using nara::sync::broadcast::channel;
using nara::sync::broadcast::RecvError;
using nara::sync::broadcast::Sender;
using nara::test::by_hand;

TEST_CASE("when all senders are gone, a receiver gets what is left, and then that it is closed") {
  auto [sender, receiver] = channel<int>(4);
  CHECK(sender.send(1) == 1);
  CHECK(sender.send(2) == 1);
  destroy(std::move(sender));
  CHECK(receiver.try_recv() == 1);
  CHECK(by_hand(receiver.recv()).poll().value() == 2);
  CHECK(receiver.try_recv().error() == RecvError::closed());
  CHECK(by_hand(receiver.recv()).poll().value().error().is_closed());
}

TEST_CASE("when all senders are gone, a receiver that lags gets its lag, the rest, and the end") {
  auto [sender, receiver] = channel<int>(2);
  for (const int value : {1, 2, 3}) CHECK(sender.send(value) == 1);
  destroy(std::move(sender));
  CHECK(receiver.try_recv().error().lagged() == 1);
  CHECK(receiver.try_recv() == 2);
  CHECK(receiver.try_recv() == 3);
  CHECK(receiver.try_recv().error().is_closed());
}

TEST_CASE("only when the last sender goes, those who wait for a value are woken") {
  auto [sender, receiver] = channel<int>(4);
  auto clone = sender.clone();
  auto recv = by_hand(receiver.recv());
  CHECK(recv.poll().is_pending());
  destroy(std::move(sender));
  CHECK_FALSE(recv.is_woken());
  destroy(std::move(clone));
  CHECK(recv.is_woken());
  CHECK(recv.poll().value().error().is_closed());
}

TEST_CASE("a sender that is assigned to another one goes") {
  auto [sender, receiver] = channel<int>(4);
  sender = Sender<int>(4);
  CHECK(receiver.try_recv().error().is_closed());
}

TEST_CASE("a new receiver of a closed channel learns that it is closed") {
  auto [sender, receiver] = channel<int>(4);
  CHECK(sender.send(1) == 1);
  destroy(std::move(sender));
  auto fresh = receiver.resubscribe();
  CHECK(fresh.try_recv().error().is_closed());
  CHECK(by_hand(fresh.recv()).poll().value().error().is_closed());
  CHECK(receiver.try_recv() == 1);
}

TEST_CASE("a sender can wait until nobody receives") {
  auto [sender, first] = channel<int>(4);
  auto second = sender.subscribe();
  auto closed = by_hand(sender.closed());
  CHECK(closed.poll().is_pending());
  destroy(std::move(first));
  CHECK_FALSE(closed.is_woken());
  destroy(std::move(second));
  CHECK(closed.is_woken());
  CHECK(closed.poll().is_ready());
  CHECK_THROWS_AS((void)closed.poll(), Misuse);
  CHECK(by_hand(sender.closed()).poll().is_ready());
}

TEST_CASE("a sender that waits until nobody receives waits on when somebody does again") {
  auto [sender, receiver] = channel<int>(4);
  auto closed = by_hand(sender.closed());
  CHECK(closed.poll().is_pending());
  destroy(std::move(receiver));
  auto other = sender.subscribe();
  CHECK(closed.poll().is_pending());
  destroy(std::move(other));
  CHECK(closed.is_woken());
  CHECK(closed.poll().is_ready());
}

TEST_CASE("errors of a broadcast channel say what has happened") {
  CHECK(RecvError::lagged(3).message() == "the receiver was too slow, and has missed 3");
  CHECK(RecvError::closed().message() == "the broadcast channel is closed");
  CHECK(RecvError::empty().message() == "no value has come yet");
  CHECK(nara::sync::broadcast::SendError<int>{1}.message() == "the channel has no receiver");
}
