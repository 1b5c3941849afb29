// One end of a watch goes, and the other one learns of it.
#include <doctest/doctest.h>

#include <nara/sync/watch.hpp>
#include <string>
#include <testkit/by_hand.hpp>
#include <utility>

#include "destroy.hpp"

using nara::Misuse;
using nara::sync::watch::channel;
using nara::sync::watch::RecvError;
using nara::test::by_hand;

TEST_CASE("when all senders of a watch are gone, the last value is there, and can still change") {
  auto [sender, receiver] = channel(1);
  CHECK(sender.send(2).has_value());
  CHECK_FALSE(receiver.is_closed());
  destroy(std::move(sender));
  CHECK(receiver.is_closed());
  CHECK(receiver.has_changed());
  CHECK(by_hand(receiver.changed()).poll().value().has_value());
  CHECK(by_hand(receiver.changed()).poll().value().error() == RecvError());
  CHECK(*receiver.borrow() == 2);
}

TEST_CASE("only when the last sender of a watch goes, those who wait are woken") {
  auto [sender, receiver] = channel(1);
  auto clone = sender.clone();
  CHECK(clone.same_channel(sender));
  auto changed = by_hand(receiver.changed());
  CHECK(changed.poll().is_pending());
  destroy(std::move(sender));
  CHECK_FALSE(changed.is_woken());
  CHECK(clone.send(2).has_value());
  CHECK(changed.poll().value().has_value());
  auto again = by_hand(receiver.changed());
  CHECK(again.poll().is_pending());
  destroy(std::move(clone));
  CHECK(again.is_woken());
  CHECK_FALSE(again.poll().value().has_value());
}

TEST_CASE("to send to a watch that nobody receives fails, and changes nothing") {
  auto [sender, receiver] = channel<std::string>("one");
  CHECK_FALSE(sender.is_closed());
  destroy(std::move(receiver));
  CHECK(sender.is_closed());
  CHECK(sender.send("two").error().value == "two");
  CHECK(*sender.borrow() == "one");
}

TEST_CASE("a watch that nobody receives is open again when somebody subscribes") {
  auto [sender, first] = channel(1);
  destroy(std::move(first));
  auto receiver = sender.subscribe();
  CHECK_FALSE(sender.is_closed());
  CHECK(sender.receiver_count() == 1);
  CHECK(sender.send(2).has_value());
  CHECK(by_hand(receiver.changed()).poll().value().has_value());
}

TEST_CASE("a sender of a watch can wait until nobody receives") {
  auto [sender, first] = channel(1);
  auto second = first.clone();
  CHECK(second.same_channel(first));
  auto closed = by_hand(sender.closed());
  CHECK(closed.poll().is_pending());
  destroy(std::move(first));
  CHECK_FALSE(closed.is_woken());
  destroy(std::move(second));
  CHECK(closed.is_woken());
  CHECK(closed.poll().is_ready());
  CHECK_THROWS_AS((void)closed.poll(), Misuse);
}

TEST_CASE("errors of a watch say what has happened") {
  CHECK(RecvError::message() == "the watch channel is closed");
  CHECK(nara::sync::watch::SendError<int>::message() == "the channel has no receiver");
}
