// A bounded channel that is full: who sends waits, in a line.
#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <nara/context.hpp>
#include <nara/future.hpp>
#include <nara/misuse.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/mpsc.hpp>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <testkit/steps.hpp>
#include <testkit/tracked.hpp>
#include <utility>
#include <vector>

namespace mpsc = nara::sync::mpsc;
using nara::Async;
using nara::test::by_hand;
using nara::test::step;
using nara::test::Tracked;

TEST_CASE("what does not fit is given back by try_send") {
  auto [sender, receiver] = mpsc::channel<int>(2);
  CHECK(sender.try_send(1).has_value());
  CHECK(sender.try_send(2).has_value());
  const auto sent = sender.try_send(3);
  REQUIRE_FALSE(sent.has_value());
  CHECK(sent.error().is_full());
  CHECK_FALSE(sent.error().is_closed());
  CHECK(sent.error().value == 3);
  CHECK(sent.error().message() == "the channel is full");
  CHECK(receiver.try_recv() == 1);
  CHECK(sender.try_send(4).has_value());
  CHECK(receiver.try_recv() == 2);
  CHECK(receiver.try_recv() == 4);
}

TEST_CASE("who sends to a full channel waits until a message is received") {
  auto [sender, receiver] = mpsc::channel<int>(1);
  CHECK(sender.try_send(1).has_value());
  auto send = by_hand(sender.send(2));
  CHECK(send.poll().is_pending());
  CHECK_FALSE(send.is_woken());
  CHECK(receiver.try_recv() == 1);
  CHECK(send.wakes() == 1);
  CHECK(send.poll().value().has_value());
  CHECK(receiver.try_recv() == 2);
  CHECK_THROWS_WITH_AS((void)send.poll(), doctest::Contains("mpsc::Sender::send()"), nara::Misuse);
}

TEST_CASE("who has waited for the longest is the next to send, and nobody overtakes") {
  auto [sender, receiver] = mpsc::channel<int>(1);
  CHECK(sender.try_send(0).has_value());
  auto first = by_hand(sender.send(1));
  auto second = by_hand(sender.send(2));
  CHECK(second.poll().is_pending());
  CHECK(first.poll().is_pending());
  CHECK(receiver.try_recv() == 0);
  CHECK(second.is_woken());
  CHECK_FALSE(first.is_woken());
  CHECK(sender.try_send(3).error().is_full());
  CHECK(second.poll().value().has_value());
  CHECK(receiver.try_recv() == 2);
  CHECK(first.poll().value().has_value());
  CHECK(receiver.try_recv() == 1);
}

TEST_CASE("a send that is cancelled destroys its message, unsent, and passes on its place") {
  auto [sender, receiver] = mpsc::channel<Tracked>(1);
  CHECK(sender.try_send(Tracked("first")).has_value());
  auto cancelled = by_hand(sender.send(Tracked("cancelled")));
  auto chosen = by_hand(sender.send(Tracked("chosen")));
  auto last = by_hand(sender.send(Tracked("last")));
  CHECK(cancelled.poll().is_pending());
  CHECK(chosen.poll().is_pending());
  CHECK(last.poll().is_pending());
  CHECK(Tracked::alive() == 4);
  (void)Tracked::deaths();
  step("one goes while it waits, one when it has been chosen");
  cancelled.cancel();
  CHECK(Tracked::deaths() == std::vector<std::string>{"cancelled"});
  CHECK(receiver.try_recv()->name() == "first");
  CHECK(chosen.is_woken());
  CHECK_FALSE(last.is_woken());
  (void)Tracked::deaths();
  chosen.cancel();
  CHECK(Tracked::deaths() == std::vector<std::string>{"chosen"});
  CHECK(last.is_woken());
  CHECK(last.poll().value().has_value());
  CHECK(receiver.try_recv()->name() == "last");
  CHECK(receiver.is_empty());
  CHECK(sender.capacity() == 1);
}

TEST_CASE("a send that was never polled sends nothing") {
  auto [sender, receiver] = mpsc::channel<Tracked>(1);
  {
    const auto send = sender.send(Tracked());
    CHECK(Tracked::alive() == 1);
  }
  CHECK(Tracked::alive() == 0);
  CHECK(receiver.is_empty());
  CHECK(sender.capacity() == 1);
}

TEST_CASE("both sides know how many messages there are, and how many more fit") {
  auto [sender, receiver] = mpsc::channel<int>(3);
  CHECK(receiver.is_empty());
  CHECK(sender.try_send(1).has_value());
  CHECK(sender.try_send(2).has_value());
  CHECK(sender.capacity() == 1);
  CHECK(receiver.capacity() == 1);
  CHECK(receiver.size() == 2);
  step("one is received, so the others have been taken out of the inbox; another comes in");
  CHECK(receiver.try_recv() == 1);
  CHECK(sender.try_send(3).has_value());
  CHECK(receiver.size() == 2);
  CHECK_FALSE(receiver.is_empty());
  CHECK(sender.max_capacity() == 3);
  CHECK(receiver.max_capacity() == 3);
}

TEST_CASE("sending and receiving take units of the budget, and lose nothing when none is left") {
  auto [sender, receiver] = mpsc::channel<int>(1);
  const auto exhausted = [](auto& future) {
    return by_hand(nara::poll_fn([&future](nara::Context& context) {
      while (context.spend()) {
      }
      return future.poll(context);
    }));
  };
  auto send = sender.send(7);
  auto sending = exhausted(send);
  CHECK(sending.poll().is_pending());
  CHECK(sending.is_woken());
  CHECK(receiver.is_empty());
  CHECK(by_hand(nara::poll_fn([&](nara::Context& context) { return send.poll(context); }))
            .poll()
            .value()
            .has_value());
  step("the message stays where it is");
  auto recv = receiver.recv();
  auto receiving = exhausted(recv);
  CHECK(receiving.poll().is_pending());
  CHECK(receiving.is_woken());
  std::vector<int> messages;
  auto recv_many = receiver.recv_many(messages, 2);
  auto receiving_many = exhausted(recv_many);
  CHECK(receiving_many.poll().is_pending());
  CHECK(receiving_many.is_woken());
  CHECK(receiver.try_recv() == 7);
}

TEST_CASE("a task that sends and receives at once is stopped by its budget, not by the channel") {
  nara::test::run([]() -> Async<> {
    auto [sender, receiver] = mpsc::unbounded_channel<int>();
    bool other_has_run = false;
    (void)nara::spawn([&]() -> Async<> {
      other_has_run = true;
      co_return;
    });
    for (int i = 0; i < 1000 && !other_has_run; ++i) {
      CHECK(sender.send(i).has_value());
      const auto received = co_await receiver.recv();
      CHECK(received == i);
    }
    CHECK(other_has_run);
  });
}
