// A broadcast channel: all receivers get all values, in their order.
#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <nara/join.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/broadcast.hpp>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <testkit/steps.hpp>
#include <thread>
#include <utility>
#include <vector>

using nara::Async;
using nara::Misuse;
using nara::sync::broadcast::channel;
using nara::sync::broadcast::Receiver;
using nara::sync::broadcast::RecvError;
using nara::sync::broadcast::Sender;
using nara::test::by_hand;
using nara::test::run;
using nara::test::step;

TEST_CASE("each receiver of a broadcast channel gets each value, in their order") {
  auto [sender, first] = channel<std::string>(16);
  auto second = sender.subscribe();
  CHECK(sender.send("hello") == 2);
  CHECK(sender.send("world") == 2);
  CHECK(first.try_recv() == "hello");
  CHECK(second.try_recv() == "hello");
  CHECK(second.try_recv() == "world");
  CHECK(first.try_recv() == "world");
  CHECK(first.try_recv().error().is_empty());
  CHECK(second.try_recv().error() == RecvError::empty());
}

TEST_CASE("send() says how many receivers there are now") {
  auto [sender, first] = channel<int>(16);
  CHECK(sender.send(1) == 1);
  {
    const auto second = sender.subscribe();
    CHECK(sender.receiver_count() == 2);
    CHECK(sender.send(2) == 2);
  }
  CHECK(sender.receiver_count() == 1);
  CHECK(sender.send(3) == 1);
}

TEST_CASE("a value that is sent while nobody receives comes back, and is never received") {
  const Sender<std::string> sender(16);
  CHECK(sender.send("nobody").error().value == "nobody");
  auto receiver = sender.subscribe();
  CHECK(receiver.try_recv().error().is_empty());
  CHECK(sender.send("you").has_value());
  CHECK(receiver.try_recv() == "you");
  step("and again, when the last receiver has gone");
  receiver = Sender<std::string>(1).subscribe();
  CHECK(sender.send("gone").error().value == "gone");
  CHECK(sender.is_empty());
}

TEST_CASE("one who subscribes gets only what is sent afterwards") {
  auto [sender, first] = channel<int>(16);
  CHECK(sender.send(1) == 1);
  auto second = sender.subscribe();
  CHECK(sender.send(2) == 2);
  CHECK(second.try_recv() == 2);
  CHECK(first.try_recv() == 1);
  CHECK(first.try_recv() == 2);
}

TEST_CASE("all receivers that wait are woken by a value, and one that is late needs no wake") {
  auto [sender, first] = channel<int>(16);
  auto second = sender.subscribe();
  auto third = sender.subscribe();
  auto recv_first = by_hand(first.recv());
  auto recv_second = by_hand(second.recv());
  CHECK(recv_first.poll().is_pending());
  CHECK(recv_second.poll().is_pending());
  CHECK_FALSE(recv_first.is_woken());
  CHECK(sender.send(7) == 3);
  CHECK(recv_first.is_woken());
  CHECK(recv_second.is_woken());
  CHECK(recv_first.poll().value() == 7);
  CHECK(recv_second.poll().value() == 7);
  CHECK(by_hand(third.recv()).poll().value() == 7);
}

TEST_CASE("a value that is sent between recv() and its first poll is not missed") {
  auto [sender, receiver] = channel<int>(16);
  auto recv = by_hand(receiver.recv());
  CHECK(sender.send(7) == 1);
  CHECK(recv.poll().value() == 7);
}

TEST_CASE("a receiver that was woken for nothing waits on") {
  auto [sender, receiver] = channel<int>(16);
  auto recv = by_hand(receiver.recv());
  CHECK(recv.poll().is_pending());
  CHECK(sender.send(1) == 1);
  CHECK(receiver.try_recv() == 1);
  CHECK(recv.poll().is_pending());
  CHECK(sender.send(2) == 1);
  CHECK(recv.is_woken());
  CHECK(recv.poll().value() == 2);
}

TEST_CASE("a recv() that is cancelled takes nothing") {
  auto [sender, receiver] = channel<int>(16);
  auto recv = by_hand(receiver.recv());
  CHECK(recv.poll().is_pending());
  CHECK(sender.send(7) == 1);
  recv.cancel();
  CHECK(recv.wakers_out() == 0);
  CHECK(receiver.try_recv() == 7);
}

TEST_CASE("a recv() throws when it is polled again after it was ready") {
  auto [sender, receiver] = channel<int>(16);
  CHECK(sender.send(7) == 1);
  auto recv = by_hand(receiver.recv());
  CHECK(recv.poll().value() == 7);
  CHECK_THROWS_AS((void)recv.poll(), Misuse);
}

TEST_CASE("senders and receivers know how many values are to be received") {
  auto [sender, first] = channel<int>(4);
  auto second = sender.subscribe();
  CHECK(sender.is_empty());
  for (const int value : {1, 2, 3}) CHECK(sender.send(value) == 2);
  CHECK(sender.size() == 3);
  CHECK(first.size() == 3);
  CHECK(first.try_recv() == 1);
  CHECK(first.size() == 2);
  CHECK(second.size() == 3);
  CHECK(sender.size() == 3);
  CHECK(second.try_recv() == 1);
  CHECK(sender.size() == 2);
  step("one that is overtaken has missed some of those that it counts");
  for (const int value : {4, 5, 6, 7, 8}) CHECK(sender.send(value) == 2);
  CHECK(sender.size() == 4);
  CHECK(first.size() == 7);
}

TEST_CASE("a clone of a sender sends to the same receivers") {
  auto [sender, receiver] = channel<int>(16);
  const auto clone = sender.clone();
  CHECK(clone.same_channel(sender));
  CHECK_FALSE(clone.same_channel(Sender<int>(16)));
  CHECK(clone.send(7) == 1);
  CHECK(receiver.try_recv() == 7);
  CHECK(receiver.same_channel(clone.subscribe()));
}

TEST_CASE("a task that receives without a pause lets others run after a budget of values") {
  auto [sender, receiver] = channel<int>(256);
  for (int value = 0; value < 200; ++value) CHECK(sender.send(value) == 1);
  int received = 0;
  const auto receive = [](Receiver<int>& from, int& count) -> Async<> {
    for (;;) {
      const auto value = co_await from.recv();
      if (!value) co_return;
      CHECK(value == count);
      ++count;
    }
  };
  auto task = by_hand(receive(receiver, received));
  CHECK(task.poll().is_pending());
  CHECK(received == 128);
  CHECK(task.is_woken());
  CHECK(task.poll().is_pending());
  CHECK(received == 200);
}

TEST_CASE("tasks get what another one broadcasts") {
  run([]() -> Async<> {
    const auto sum = [](Receiver<int> receiver) -> Async<int> {
      int total = 0;
      for (;;) {
        const auto value = co_await receiver.recv();
        if (!value) co_return total;
        total += *value;
      }
    };
    const auto send = [](Sender<int> sender) -> Async<> {
      for (int value = 1; value <= 4; ++value) CHECK(sender.send(value) == 2);
      co_return;
    };
    Sender<int> sender(4);
    auto first = nara::spawn(sum, sender.subscribe());
    auto second = nara::spawn(sum, sender.subscribe());
    co_await send(std::move(sender));
    const auto [one, other] = co_await nara::join(first, second);
    CHECK(one == 10);
    CHECK(other == 10);
  });
}

TEST_CASE("blocking_recv() stops a thread until there is a value") {
  auto [sender, receiver] = channel<int>(16);
  CHECK(sender.send(1) == 1);
  CHECK(receiver.blocking_recv() == 1);
  std::thread other([&] { CHECK(sender.send(2) == 1); });
  CHECK(receiver.blocking_recv() == 2);
  other.join();
}

TEST_CASE("blocking_recv() inside of a task is a misuse") {
  run([]() -> Async<> {
    auto [sender, receiver] = channel<int>(16);
    CHECK(sender.send(1) == 1);
    CHECK_THROWS_AS((void)receiver.blocking_recv(), Misuse);
    co_return;
  });
}

TEST_CASE("a handle of a broadcast channel that was moved from throws when it is used") {
  auto [sender, receiver] = channel<int>(16);
  const Sender<int> moved_sender = std::move(sender);
  const Receiver<int> moved_receiver = std::move(receiver);
  CHECK_THROWS_AS((void)sender.send(1), Misuse);
  CHECK_THROWS_AS((void)sender.subscribe(), Misuse);
  CHECK_THROWS_AS((void)receiver.try_recv(), Misuse);
  CHECK_THROWS_AS((void)receiver.recv(), Misuse);
  CHECK(moved_sender.send(1) == 1);
  CHECK(moved_receiver.size() == 1);
}
