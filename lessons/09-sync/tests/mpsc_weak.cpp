// Senders that do not keep the channel open.
#include <doctest/doctest.h>

#include <nara/sync/mpsc.hpp>
#include <optional>
#include <testkit/by_hand.hpp>
#include <utility>

namespace mpsc = nara::sync::mpsc;
using nara::test::by_hand;

TEST_CASE("a weak sender becomes a sender for as long as there is one") {
  auto [sender, receiver] = mpsc::channel<int>(2);
  const mpsc::WeakSender<int> weak = sender.downgrade();
  {
    auto second = weak.upgrade();
    REQUIRE(second.has_value());
    CHECK(second->same_channel(sender));
    {
      const auto gone = std::move(sender);
    }
    CHECK(second->try_send(7).has_value());
    CHECK(weak.upgrade().has_value());
  }
  CHECK(weak.upgrade() == std::nullopt);
  CHECK(receiver.try_recv() == 7);
  CHECK(receiver.try_recv().error() == mpsc::TryRecvError::kDisconnected);
}

TEST_CASE("when only weak senders are left, the receiver is woken, and at its end") {
  auto [sender, receiver] = mpsc::unbounded_channel<int>();
  const mpsc::WeakUnboundedSender<int> weak = sender.downgrade();
  auto recv = by_hand(receiver.recv());
  CHECK(recv.poll().is_pending());
  {
    const auto gone = std::move(sender);
  }
  CHECK(recv.is_woken());
  CHECK(recv.poll().value() == std::nullopt);
  CHECK(weak.upgrade() == std::nullopt);
}

TEST_CASE("a weak sender may outlive the receiver, and all others") {
  auto [sender, receiver] = mpsc::channel<int>(2);
  const mpsc::WeakSender<int> weak = sender.downgrade();
  {
    const auto gone = std::move(receiver);
  }
  CHECK(weak.upgrade()->is_closed());
  {
    const auto gone = std::move(sender);
  }
  CHECK(weak.upgrade() == std::nullopt);
}

TEST_CASE("senders and weak senders are counted") {
  auto [sender, receiver] = mpsc::channel<int>(2);
  CHECK(sender.strong_count() == 1);
  CHECK(sender.weak_count() == 0);
  {
    const auto second = sender.clone();
    auto weak = second.downgrade();
    const auto another = weak.clone();
    CHECK(weak.strong_count() == 2);
    CHECK(sender.weak_count() == 2);
    const auto third = weak.upgrade();
    CHECK(sender.strong_count() == 3);
    weak = third->downgrade();
    CHECK(weak.weak_count() == 2);
  }
  CHECK(sender.strong_count() == 1);
  CHECK(sender.weak_count() == 0);
}
