// Room that is taken before there is something to send.
#include <doctest/doctest.h>

#include <cstdint>
#include <expected>
#include <nara/misuse.hpp>
#include <nara/sync/mpsc.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/steps.hpp>
#include <utility>

namespace mpsc = nara::sync::mpsc;
using mpsc::TryReserveError;
using nara::Misuse;
using nara::test::by_hand;
using nara::test::step;

TEST_CASE("a permit holds room for one message, which cannot fail to be sent") {
  auto [sender, receiver] = mpsc::channel<int>(1);
  auto reserved = by_hand(sender.reserve()).poll().value();
  REQUIRE(reserved.has_value());
  CHECK(sender.capacity() == 0);
  CHECK(sender.try_send(1).error().is_full());
  CHECK(receiver.is_empty());
  std::move(*reserved).send(7);
  CHECK(receiver.try_recv() == 7);
  CHECK(sender.capacity() == 1);
  CHECK_THROWS_WITH_AS(std::move(*reserved).send(8), doctest::Contains("it sends one message"),
                       Misuse);
}

TEST_CASE("a permit that is destroyed frees its room, and wakes the next who waits") {
  auto [sender, receiver] = mpsc::channel<int>(1);
  {
    auto permit = sender.try_reserve();
    REQUIRE(permit.has_value());
    CHECK(sender.try_reserve().error() == TryReserveError::kFull);
    auto waiting = by_hand(sender.reserve());
    CHECK(waiting.poll().is_pending());
    permit = std::unexpected(TryReserveError::kFull);
    CHECK(waiting.is_woken());
    auto next = waiting.poll().value();
    REQUIRE(next.has_value());
    CHECK(sender.capacity() == 0);
    step("to assign to a permit frees what it was");
    auto [other, another] = mpsc::channel<int>(1);
    *next = std::move(*other.try_reserve());
    CHECK(sender.capacity() == 1);
    CHECK(other.capacity() == 0);
    std::move(*next).send(7);
    CHECK(another.try_recv() == 7);
  }
  CHECK(sender.capacity() == 1);
}

TEST_CASE("a reserve that is cancelled passes on its room") {
  auto [sender, receiver] = mpsc::channel<int>(1);
  CHECK(sender.try_send(1).has_value());
  auto first = by_hand(sender.reserve());
  auto second = by_hand(sender.reserve());
  CHECK(first.poll().is_pending());
  CHECK(second.poll().is_pending());
  CHECK(receiver.try_recv() == 1);
  CHECK(first.is_woken());
  first.cancel();
  CHECK(second.is_woken());
  CHECK(second.poll().value().has_value());
  CHECK(sender.capacity() == 1);
}

TEST_CASE("an owned permit gives the sender back, when it sends and when it does not") {
  auto [sender, receiver] = mpsc::channel<int>(1);
  auto reserved = by_hand(std::move(sender).reserve_owned()).poll().value();
  REQUIRE(reserved.has_value());
  CHECK_FALSE(receiver.is_closed());
  sender = std::move(*reserved).send(7);
  CHECK(receiver.try_recv() == 7);
  auto again = by_hand(std::move(sender).reserve_owned()).poll().value();
  REQUIRE(again.has_value());
  CHECK(receiver.capacity() == 0);
  sender = std::move(*again).release();
  CHECK(sender.capacity() == 1);
  CHECK_THROWS_AS((void)std::move(*again).release(), Misuse);
}

TEST_CASE("an owned permit is a sender: when it goes, the channel ends") {
  auto [sender, receiver] = mpsc::channel<int>(1);
  {
    const auto reserved = by_hand(std::move(sender).reserve_owned()).poll().value();
    CHECK(receiver.try_recv().error() == mpsc::TryRecvError::kEmpty);
  }
  CHECK(receiver.try_recv().error() == mpsc::TryRecvError::kDisconnected);
}

TEST_CASE("a reserve_owned that is cancelled, or fails, takes the sender with it") {
  auto [sender, receiver] = mpsc::channel<int>(1);
  CHECK(sender.try_send(1).has_value());
  auto waiting = by_hand(sender.clone().reserve_owned());
  CHECK(waiting.poll().is_pending());
  CHECK(sender.strong_count() == 2);
  waiting.cancel();
  CHECK(sender.strong_count() == 1);
  receiver.close();
  auto failed = by_hand(sender.clone().reserve_owned());
  CHECK(failed.poll().value().error() == mpsc::Closed());
  failed.cancel();
  CHECK(sender.strong_count() == 1);
}

TEST_CASE("room for several messages is taken at once, and what is not used goes back") {
  auto [sender, receiver] = mpsc::channel<int>(4);
  {
    auto batch = by_hand(sender.reserve_many(3)).poll().value();
    REQUIRE(batch.has_value());
    CHECK(sender.capacity() == 1);
    CHECK(batch->size() == 3);
    batch->send(1);
    batch->send(2);
    CHECK(batch->size() == 1);
  }
  CHECK(sender.capacity() == 2);
  CHECK(receiver.try_recv() == 1);
  CHECK(receiver.try_recv() == 2);
  CHECK(sender.capacity() == 4);
  auto pair = sender.try_reserve_many(2);
  REQUIRE(pair.has_value());
  pair->send(3);
  pair->send(4);
  CHECK_THROWS_WITH_AS(pair->send(5), doctest::Contains("more messages than were reserved"),
                       Misuse);
  CHECK(receiver.size() == 2);
}

TEST_CASE("who wants room for several messages collects it, and nobody overtakes") {
  auto [sender, receiver] = mpsc::channel<int>(2);
  CHECK(sender.try_send(1).has_value());
  auto both = by_hand(sender.reserve_many(2));
  auto one = by_hand(sender.send(2));
  CHECK(both.poll().is_pending());
  CHECK(one.poll().is_pending());
  CHECK(receiver.try_recv() == 1);
  CHECK(both.is_woken());
  CHECK_FALSE(one.is_woken());
  {
    const auto batch = both.poll().value();
    CHECK(batch->size() == 2);
  }
  CHECK(one.is_woken());
}

TEST_CASE("room for more messages than fit is an error at once, even in an empty channel") {
  auto [sender, receiver] = mpsc::channel<int>(2);
  CHECK(sender.try_reserve_many(3).error() == TryReserveError::kFull);
  CHECK(by_hand(sender.reserve_many(3)).poll().value().error() == mpsc::Closed());
  CHECK(by_hand(sender.reserve_many(SIZE_MAX)).poll().value().error() == mpsc::Closed());
  CHECK(sender.try_reserve_many(SIZE_MAX).error() == TryReserveError::kFull);
  CHECK(sender.capacity() == 2);
}

TEST_CASE("room for no message is there even when all is full, but not when it is closed") {
  auto [sender, receiver] = mpsc::channel<int>(1);
  CHECK(sender.try_send(1).has_value());
  CHECK(sender.try_reserve_many(0)->size() == 0);
  CHECK(by_hand(sender.reserve_many(0)).poll().value()->size() == 0);
  receiver.close();
  CHECK(sender.try_reserve_many(0).error() == TryReserveError::kClosed);
  CHECK(by_hand(sender.reserve_many(0)).poll().value().error() == mpsc::Closed());
  CHECK(sender.try_reserve().error() == TryReserveError::kClosed);
  CHECK(sender.try_reserve_many(2).error() == TryReserveError::kFull);
}
