// One value, once: who sends, who receives, and who goes away before.
#include <doctest/doctest.h>

#include <expected>
#include <memory>
#include <nara/async.hpp>
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
using nara::sync::oneshot::RecvError;
using nara::sync::oneshot::TryRecvError;
using nara::test::by_hand;
using nara::test::Cost;
using nara::test::run;
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
