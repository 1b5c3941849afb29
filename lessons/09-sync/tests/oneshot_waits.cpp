// Those who wait at a oneshot: in tasks, on threads, given up, and what that costs.
#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <nara/future.hpp>
#include <nara/misuse.hpp>
#include <nara/select.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/oneshot.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/cost.hpp>
#include <testkit/runtime.hpp>
#include <testkit/steps.hpp>
#include <testkit/tracked.hpp>
#include <thread>
#include <utility>

#include "wants.hpp"

namespace oneshot = nara::sync::oneshot;
using nara::Async;
using nara::Misuse;
using nara::sync::oneshot::channel;
using nara::test::by_hand;
using nara::test::Cost;
using nara::test::run;
using nara::test::step;
using nara::test::Tracked;

TEST_CASE("a receiver that loses a select by its name loses nothing") {
  run([]() -> Async<> {
    auto [sender, receiver] = channel<int>();
    const auto lost = co_await nara::select_biased(receiver, nara::ready(0));
    CHECK(lost.index() == 1);
    CHECK(std::move(sender).send(7).has_value());
    const auto answer = co_await receiver;
    CHECK(answer == 7);
  });
}

TEST_CASE("a task can stop what it does when nobody waits for the answer any more") {
  run([]() -> Async<> {
    auto [sender, receiver] = channel<int>();
    auto worker = nara::spawn(
        [](oneshot::Sender<int> mine) -> Async<bool> {
          co_await mine.closed();
          co_return mine.is_closed();
        },
        std::move(sender));
    {
      const auto gone = std::move(receiver);
    }
    const auto has_stopped = co_await worker;
    CHECK(has_stopped == true);
  });
}

TEST_CASE("poll_closed asks, without a future") {
  auto [sender, receiver] = channel<int>();
  auto asking = by_hand(nara::poll_fn(
      [&mine = sender](nara::Context& context) { return mine.poll_closed(context); }));
  CHECK(asking.poll().is_pending());
  receiver.close();
  CHECK(asking.is_woken());
  CHECK(asking.poll().is_ready());
}

TEST_CASE("a oneshot leaves no waker behind when whoever waits is destroyed") {
  auto [sender, receiver] = channel<int>();
  auto closed = by_hand(sender.closed());
  CHECK(closed.poll().is_pending());
  closed.cancel();
  CHECK(closed.wakers_out() == 0);
  auto future = by_hand(std::move(receiver));
  CHECK(future.poll().is_pending());
  future.cancel();
  CHECK(future.wakers_out() == 0);
}

TEST_CASE("a coroutine with a oneshot can be destroyed wherever it waits, and nothing is left") {
  oneshot::Sender<Tracked> sender = channel<Tracked>().first;
  const int suspensions = nara::test::destroy_at_every_suspension(
      [&] {
        auto [mine, receiver] = channel<Tracked>();
        sender = std::move(mine);
        return [](oneshot::Receiver<Tracked> from) -> Async<> {
          const auto answer = co_await from;
          CHECK(answer.has_value());
        }(std::move(receiver));
      },
      [&](int) { CHECK(std::move(sender).send(Tracked()).has_value()); });
  CHECK(suspensions == 1);
}

TEST_CASE("a oneshot holds no lock when it wakes somebody, or drops a waker") {
  auto [sender, receiver] = channel<int>();
  auto polled = [](auto& future, const nara::Waker& waker) {
    nara::Context context(waker);
    return future.poll(context).is_pending();
  };
  step("the waker of the receiver asks whether there is a value, both when woken and when dropped");
  Acting acting;
  int asked = 0;
  acting.when_woken = [&, &mine = receiver] { asked += mine.is_empty() ? 0 : 1; };
  acting.when_gone = [&, &mine = receiver] { asked += mine.is_empty() ? 0 : 10; };
  CHECK(polled(receiver, acting.waker()));
  CHECK(std::move(sender).send(7).has_value());
  CHECK(asked == 11);
  step("another waker takes the place of the first");
  auto [second, waiting] = channel<int>();
  acting.when_gone = [&, &mine = waiting] { asked += mine.is_empty() ? 100 : 0; };
  CHECK(polled(waiting, acting.waker()));
  CHECK(polled(waiting, nara::Waker::noop()));
  CHECK(asked == 111);
  step("the receiver is closed while it waits, and while the sender does");
  CHECK(polled(waiting, acting.waker()));
  waiting.close();
  CHECK(asked == 211);
}

TEST_CASE("a value may come from another thread, and a thread may wait for one") {
  auto [sender, receiver] = channel<int>();
  std::thread other([mine = std::move(sender)]() mutable { (void)std::move(mine).send(7); });
  CHECK(std::move(receiver).blocking_recv() == 7);
  other.join();
}

TEST_CASE("blocking_recv gives what is there at once, and is a misuse inside of a task") {
  run([]() -> Async<> {
    auto [sender, receiver] = channel<int>();
    CHECK(std::move(sender).send(7).has_value());
    CHECK_THROWS_WITH_AS((void)std::move(receiver).blocking_recv(),
                         doctest::Contains("co_await the function without blocking_"), Misuse);
    CHECK(receiver.try_recv() == 7);
    co_return;
  });
  auto [sender, receiver] = channel<int>();
  CHECK(std::move(sender).send(7).has_value());
  CHECK(std::move(receiver).blocking_recv() == 7);
}

TEST_CASE("what is ready takes one unit of the budget, and is kept when there is none left") {
  auto [sender, receiver] = channel<int>();
  CHECK(std::move(sender).send(7).has_value());
  auto future = by_hand(nara::poll_fn([&mine = receiver](nara::Context& context) {
    while (context.spend()) {
    }
    return mine.poll(context);
  }));
  CHECK(future.poll().is_pending());
  CHECK(future.is_woken());
  CHECK(receiver.try_recv() == 7);
  step("the same for closed()");
  auto [other, another] = channel<int>();
  another.close();
  auto asking = by_hand(nara::poll_fn([&mine = other](nara::Context& context) {
    while (context.spend()) {
    }
    return mine.poll_closed(context);
  }));
  CHECK(asking.poll().is_pending());
  CHECK(asking.is_woken());
}

TEST_SUITE("cost") {
  TEST_CASE("cost: a oneshot channel allocates once, and using it allocates nothing") {
    if (!nara::test::kSeesAllocations) return;
    const Cost cost;
    auto [sender, receiver] = channel<int>();
    CHECK(cost.allocations() == 1);
    auto future = by_hand(std::move(receiver));
    const bool waits = future.poll().is_pending();
    const bool is_sent = std::move(sender).send(7).has_value();
    const bool is_received = future.poll().is_ready();
    CHECK(cost.allocations() == 1);
    CHECK(waits);
    CHECK(is_sent);
    CHECK(is_received);
    CHECK(future.wakes() == 1);
  }
}
