// What broadcast, watch, tokens and trackers cost, counted: the second medal.
#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/broadcast.hpp>
#include <nara/sync/cancellation_token.hpp>
#include <nara/sync/watch.hpp>
#include <nara/task_tracker.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <testkit/by_hand.hpp>
#include <testkit/cost.hpp>
#include <utility>

using nara::Async;
using nara::CurrentThread;
using nara::TaskTracker;
using nara::TaskTrackerToken;
using nara::sync::CancellationToken;
using nara::test::by_hand;
using nara::test::Cost;
namespace broadcast = nara::sync::broadcast;
namespace watch = nara::sync::watch;

TEST_SUITE("cost") {
  TEST_CASE("cost: to wait for a broadcast, a watch, a token or a tracker allocates nothing") {
    if (!nara::test::kSeesAllocations) return;
    auto [speaker, listener] = broadcast::channel<int>(4);
    auto [shower, watcher] = watch::channel(0);
    const CancellationToken token;
    const TaskTracker tracker;
    const Cost cost;
    {
      auto recv = by_hand(listener.recv());
      auto changed = by_hand(watcher.changed());
      auto cancelled = by_hand(token.cancelled());
      auto until = by_hand(token.run_until_cancelled(nara::pending()));
      auto done = by_hand(tracker.wait());
      auto closed = by_hand(speaker.closed());
      const bool is_ready = recv.poll().is_ready() || changed.poll().is_ready() ||
                            cancelled.poll().is_ready() || until.poll().is_ready() ||
                            done.poll().is_ready() || closed.poll().is_ready();
      token.cancel();
      tracker.close();
      const bool is_over =
          cancelled.poll().is_ready() && until.poll().is_ready() && done.poll().is_ready();
      const TaskTrackerToken counted = tracker.token();
      CHECK(cost.allocations() == 0);
      CHECK_FALSE(is_ready);
      CHECK(is_over);
    }
  }

  TEST_CASE("cost: a value that is broadcast is allocated once, for any number of receivers") {
    if (!nara::test::kSeesAllocations) return;
    auto [sender, first] = broadcast::channel<int>(4);
    auto second = sender.subscribe();
    const Cost cost;
    const bool is_sent = sender.send(7).has_value();
    const bool is_received = first.try_recv() == 7 && second.try_recv() == 7;
    CHECK(cost.allocations() == 1);
    CHECK(is_sent);
    CHECK(is_received);
  }

  TEST_CASE("cost: a value of a watch is allocated once, and to look at it allocates nothing") {
    if (!nara::test::kSeesAllocations) return;
    auto [sender, receiver] = watch::channel(0);
    const Cost cost;
    const bool is_sent = sender.send(7).has_value();
    const bool is_seen = *receiver.borrow_and_update() == 7;
    CHECK(cost.allocations() == 1);
    CHECK(is_sent);
    CHECK(is_seen);
  }

  TEST_CASE("cost: a value of a watch is never copied to be looked at or sent") {
    struct Whole {
      explicit Whole(int number) : value(number) {}
      Whole(Whole&&) = default;
      Whole& operator=(Whole&&) = delete;
      int value;
    };
    auto [sender, receiver] = watch::channel(Whole(1));
    CHECK(sender.send(Whole(2)).has_value());
    CHECK(receiver.borrow()->value == 2);
  }

  TEST_CASE("cost: who waits is woken once for what happens, and its waker is kept once") {
    auto [speaker, listener] = broadcast::channel<int>(4);
    auto [shower, watcher] = watch::channel(0);
    const CancellationToken token;
    const TaskTracker tracker;
    std::optional<TaskTrackerToken> counted = tracker.token();
    auto recv = by_hand(listener.recv());
    auto changed = by_hand(watcher.changed());
    auto cancelled = by_hand(token.cancelled());
    auto done = by_hand(tracker.wait());
    for (int poll = 0; poll < 3; ++poll) {
      CHECK(recv.poll().is_pending());
      CHECK(changed.poll().is_pending());
      CHECK(cancelled.poll().is_pending());
      CHECK(done.poll().is_pending());
    }
    CHECK(recv.wakers_out() == 1);
    CHECK(changed.wakers_out() == 1);
    CHECK(cancelled.wakers_out() == 1);
    CHECK(done.wakers_out() == 1);
    for (int value = 1; value <= 3; ++value) {
      CHECK(speaker.send(value).has_value());
      CHECK(shower.send(value).has_value());
      token.cancel();
    }
    tracker.close();
    counted.reset();
    CHECK(recv.wakes() == 1);
    CHECK(changed.wakes() == 1);
    CHECK(cancelled.wakes() == 1);
    CHECK(done.wakes() == 1);
  }

  TEST_CASE("cost: a tracker is not waited for in vain: only its last task wakes") {
    const TaskTracker tracker;
    std::optional<TaskTrackerToken> first = tracker.token();
    std::optional<TaskTrackerToken> second = tracker.token();
    auto done = by_hand(tracker.wait());
    CHECK(done.poll().is_pending());
    tracker.close();
    first.reset();
    CHECK(done.wakes() == 0);
    second.reset();
    CHECK(done.wakes() == 1);
  }

  TEST_CASE("cost: a task that waits has two turns: to begin, and when it goes on") {
    CurrentThread executor;
    auto [sender, receiver] = broadcast::channel<int>(4);
    const CancellationToken token;
    const auto listen = [](broadcast::Receiver<int> from) -> Async<> {
      const auto value = co_await from.recv();
      CHECK(value.has_value());
    };
    const auto stop = [](CancellationToken at) -> Async<> { co_await at.cancelled(); };
    executor.block_on([&, receiver = std::move(receiver)]() mutable -> Async<> {
      auto listening = nara::spawn(listen, std::move(receiver));
      auto stopping = nara::spawn(stop, token.child_token());
      co_await nara::yield_now();
      co_await nara::yield_now();  // Who does not wait in peace has one more turn here.
      CHECK(sender.send(7).has_value());
      token.cancel();
      const auto heard = co_await listening;
      const auto stopped = co_await stopping;
    });
    // And four of the one that waits for them: it yields twice, and both end in one round.
    CHECK(executor.counters().turns == 8);
  }
}
