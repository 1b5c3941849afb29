// All receivers get all values, in their order.
#include <doctest/doctest.h>

#include <memory>
#include <nara/sync/broadcast.hpp>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/steps.hpp>
#include <testkit/tracked.hpp>
#include <utility>
#include <vector>

using nara::sync::broadcast::channel;
using nara::sync::broadcast::Receiver;
using nara::sync::broadcast::RecvError;
using nara::sync::broadcast::Sender;
using nara::test::by_hand;
using nara::test::step;
using nara::test::Tracked;

namespace {

/// A value that can be copied, of an object that can be counted.
using Counted = std::shared_ptr<Tracked>;

}  // namespace

TEST_CASE("each receiver of a broadcast channel gets each value, in their order") {
  auto [sender, first] = channel<std::string>(16);
  auto second = sender.subscribe();
  CHECK(sender.send("hello") == 2);
  CHECK(sender.send("world") == 2);
  CHECK(first.try_recv() == "hello");
  CHECK(first.try_recv() == "world");
  CHECK(second.try_recv() == "hello");
  CHECK(second.try_recv() == "world");
  CHECK(first.try_recv().error().is_empty());
}

TEST_CASE("a receiver that waits is woken by the next value") {
  auto [sender, receiver] = channel<int>(16);
  auto recv = by_hand(receiver.recv());
  CHECK(recv.poll().is_pending());
  CHECK_FALSE(recv.is_woken());
  CHECK(sender.send(1) == 1);
  CHECK(recv.is_woken());
  CHECK(recv.poll().value() == 1);
}

TEST_CASE("a value goes when the last receiver has seen it") {
  auto [sender, first] = channel<Counted>(16);
  auto second = sender.subscribe();
  CHECK(sender.send(std::make_shared<Tracked>()).has_value());
  CHECK(first.try_recv().has_value());
  CHECK(Tracked::alive() == 1);
  CHECK(second.try_recv().has_value());
  CHECK(Tracked::alive() == 0);
}
