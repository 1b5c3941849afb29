// What a message costs, counted: the second medal of the layer exercise.
#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/frame_pool.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/mpsc.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/cost.hpp>
#include <testkit/steps.hpp>
#include <utility>
#include <vector>

namespace mpsc = nara::sync::mpsc;
using nara::Async;
using nara::test::by_hand;
using nara::test::Cost;
using nara::test::step;

namespace {

Async<> send_all(mpsc::Sender<int>& sender, int count) {
  for (int i = 0; i < count; ++i) (void)co_await sender.send(i);
}

Async<> receive_all(mpsc::Receiver<int>& receiver, int count) {
  for (int i = 0; i < count; ++i) (void)co_await receiver.recv();
}

}  // namespace

TEST_SUITE("cost") {
  TEST_CASE("cost: a channel allocates once, and nothing for a message in the steady state") {
    if (!nara::test::kSeesAllocations) return;
    const Cost of_channel;
    auto [sender, receiver] = mpsc::channel<int>(10);
    CHECK(of_channel.allocations() == 1);
    const auto pass = [&, &to = sender, &from = receiver] {
      bool is_all = true;
      for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < 10; ++i) is_all = is_all && to.try_send(i).has_value();
        auto recv = by_hand(from.recv());
        for (int i = 1; i < 10; ++i) is_all = is_all && from.try_recv().has_value();
        is_all = is_all && recv.poll().is_ready();
      }
      return is_all;
    };
    CHECK(pass());
    const Cost of_messages;
    const bool is_all = pass();
    CHECK(of_messages.allocations() == 0);
    CHECK(is_all);
  }

  TEST_CASE("cost: waiting allocates nothing: to send, to reserve, to receive, to see it closed") {
    if (!nara::test::kSeesAllocations) return;
    auto [sender, receiver] = mpsc::channel<int>(1);
    std::vector<int> received;
    const Cost cost;
    auto closed = by_hand(sender.closed());
    auto recv = by_hand(receiver.recv_many(received, 1));
    int waiting = 0;
    waiting += closed.poll().is_pending();
    waiting += recv.poll().is_pending();
    recv.cancel();
    auto permit = sender.try_reserve();
    auto send = by_hand(sender.send(1));
    auto reserve = by_hand(sender.reserve_many(1));
    waiting += send.poll().is_pending();
    waiting += reserve.poll().is_pending();
    CHECK(cost.allocations() == 0);
    CHECK(waiting == 4);
  }

  TEST_CASE("cost: what a rush has taken is given back when it is over") {
    if (!nara::test::kSeesAllocations) return;
    auto [sender, receiver] = mpsc::unbounded_channel<int>();
    const auto pass = [&to = sender, &from = receiver](int count) {
      for (int i = 0; i < count; ++i) (void)to.send(i);
      while (from.try_recv().has_value()) {
      }
    };
    pass(100'000);
    pass(100'000);
    const Cost of_another_rush;
    pass(100'000);
    CHECK(of_another_rush.allocations() == 0);
    pass(1);
    pass(1);
    step("now both rows have none, and get a small one each");
    const Cost of_some;
    for (int i = 0; i < 10; ++i) pass(1);
    CHECK(of_some.allocations() == 2);
  }

  TEST_CASE("cost: a receiver is woken once for all that is sent until it has a turn") {
    auto [sender, receiver] = mpsc::channel<int>(100);
    auto recv = by_hand(receiver.recv());
    const bool waits = recv.poll().is_pending();
    for (int i = 0; i < 100; ++i) (void)sender.try_send(i);
    CHECK(waits);
    CHECK(recv.wakes() == 1);
  }

  TEST_CASE("cost: two tasks take a turn each for as many messages as there is room for") {
    nara::CurrentThread executor;
    auto [sender, receiver] = mpsc::channel<int>(100);
    executor.block_on([&, &to = sender, &from = receiver]() -> Async<> {
      auto sending = nara::spawn([&to]() { return send_all(to, 10'000); });
      co_await receive_all(from, 10'000);
      (void)co_await sending;
    });
    // A hundred for each, and a few at the ends.
    CHECK(executor.counters().turns <= 206);
  }

  TEST_CASE("cost: sending and receiving at once allocate nothing in a task") {
    if (!nara::test::kSeesAllocations || !nara::FramePool::recycles()) return;
    nara::CurrentThread executor;
    auto [sender, receiver] = mpsc::channel<int>(10);
    executor.block_on([&, &to = sender, &from = receiver]() -> Async<> {
      for (int round = 0; round < 3; ++round) {
        co_await send_all(to, 10);
        co_await receive_all(from, 10);
      }
      const Cost cost;
      for (int round = 0; round < 10; ++round) {
        co_await send_all(to, 10);
        co_await receive_all(from, 10);
      }
      CHECK(cost.allocations() == 0);
    });
  }
}
