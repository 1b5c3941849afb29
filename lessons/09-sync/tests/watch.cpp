// A watch channel: who waits learns that there is a new value, and who looks sees the newest.
#include <doctest/doctest.h>

#include <memory>
#include <nara/async.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/watch.hpp>
#include <nara/yield_now.hpp>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <testkit/steps.hpp>
#include <testkit/tracked.hpp>
#include <utility>
#include <vector>

using nara::Async;
using nara::Misuse;
using nara::sync::watch::channel;
using nara::sync::watch::Receiver;
using nara::sync::watch::Ref;
using nara::sync::watch::Sender;
using nara::test::by_hand;
using nara::test::run;
using nara::test::step;
using nara::test::Tracked;

TEST_CASE("the initial value of a watch counts as seen") {
  auto [sender, receiver] = channel<std::string>("one");
  CHECK(*receiver.borrow() == "one");
  CHECK_FALSE(receiver.has_changed());
  CHECK_FALSE(receiver.borrow().has_changed());
  auto changed = by_hand(receiver.changed());
  CHECK(changed.poll().is_pending());
  CHECK_FALSE(changed.is_woken());
}

TEST_CASE("one who waits for a change is woken by a value, and sees it") {
  auto [sender, receiver] = channel<std::string>("one");
  auto changed = by_hand(receiver.changed());
  CHECK(changed.poll().is_pending());
  CHECK(sender.send("two").has_value());
  CHECK(changed.is_woken());
  CHECK(changed.poll().value().has_value());
  CHECK(*receiver.borrow() == "two");
  CHECK(receiver.borrow()->size() == 3);
  step("it is seen now");
  CHECK(by_hand(receiver.changed()).poll().is_pending());
}

TEST_CASE("a value that is sent between changed() and its first poll is not missed") {
  auto [sender, receiver] = channel(1);
  auto changed = by_hand(receiver.changed());
  CHECK(sender.send(2).has_value());
  CHECK(changed.poll().value().has_value());
}

TEST_CASE("several values that were sent meanwhile are one change, and the newest is seen") {
  auto [sender, receiver] = channel(0);
  for (const int value : {1, 2, 3}) CHECK(sender.send(value).has_value());
  CHECK(by_hand(receiver.changed()).poll().value().has_value());
  CHECK(*receiver.borrow() == 3);
  CHECK(by_hand(receiver.changed()).poll().is_pending());
}

TEST_CASE("the same value sent again is a change") {
  auto [sender, receiver] = channel(1);
  CHECK(sender.send(1).has_value());
  CHECK(receiver.has_changed());
}

TEST_CASE("to borrow does not make a value seen") {
  auto [sender, receiver] = channel(1);
  CHECK(sender.send(2).has_value());
  const Ref<int> borrowed = receiver.borrow();
  CHECK(*borrowed == 2);
  CHECK(borrowed.has_changed());
  CHECK(receiver.borrow().has_changed());
  CHECK(by_hand(receiver.changed()).poll().value().has_value());
  CHECK_FALSE(receiver.borrow().has_changed());
}

TEST_CASE("to borrow and update makes a value seen") {
  auto [sender, receiver] = channel(1);
  CHECK(sender.send(2).has_value());
  const Ref<int> borrowed = receiver.borrow_and_update();
  CHECK(*borrowed == 2);
  CHECK(borrowed.has_changed());
  CHECK_FALSE(receiver.borrow_and_update().has_changed());
  CHECK_FALSE(receiver.has_changed());
  CHECK(by_hand(receiver.changed()).poll().is_pending());
  CHECK(sender.send(3).has_value());
  CHECK(by_hand(receiver.changed()).poll().value().has_value());
}

TEST_CASE("a value can be made seen or not seen by hand") {
  auto [sender, receiver] = channel(1);
  receiver.mark_changed();
  CHECK(receiver.has_changed());
  CHECK(by_hand(receiver.changed()).poll().value().has_value());
  CHECK_FALSE(receiver.has_changed());
  CHECK(sender.send(2).has_value());
  receiver.mark_unchanged();
  CHECK_FALSE(receiver.has_changed());
  CHECK(by_hand(receiver.changed()).poll().is_pending());
}

TEST_CASE("what was borrowed stays what it is, and lives for as long as somebody has it") {
  auto [sender, receiver] = channel(std::make_unique<Tracked>("first"));
  {
    const Ref<std::unique_ptr<Tracked>> kept = receiver.borrow();
    CHECK(sender.send(std::make_unique<Tracked>("second")).has_value());
    CHECK((*kept)->name() == "first");
    CHECK((*receiver.borrow())->name() == "second");
    CHECK(Tracked::alive() == 2);
  }
  CHECK(Tracked::alive() == 1);
}

TEST_CASE("each receiver knows by itself what it has seen") {
  auto [sender, first] = channel(1);
  CHECK(sender.send(2).has_value());
  auto clone = first.clone();
  auto fresh = sender.subscribe();
  CHECK(by_hand(first.changed()).poll().value().has_value());
  step("a clone has seen what the other had seen, a new one what there is");
  CHECK(clone.has_changed());
  CHECK_FALSE(fresh.has_changed());
  CHECK(by_hand(clone.changed()).poll().value().has_value());
  CHECK(by_hand(fresh.changed()).poll().is_pending());
}

TEST_CASE("a value wakes all who wait for one, in the order in which they came") {
  auto [sender, first] = channel(1);
  auto second = first.clone();
  auto changed_first = by_hand(first.changed());
  auto changed_second = by_hand(second.changed());
  CHECK(changed_first.poll().is_pending());
  CHECK(changed_second.poll().is_pending());
  CHECK(sender.send(2).has_value());
  CHECK(changed_first.is_woken());
  CHECK(changed_second.is_woken());
}

TEST_CASE("one that was woken for what it has seen meanwhile waits on") {
  auto [sender, receiver] = channel(1);
  auto changed = by_hand(receiver.changed());
  CHECK(changed.poll().is_pending());
  CHECK(sender.send(2).has_value());
  receiver.mark_unchanged();
  CHECK(changed.poll().is_pending());
  CHECK(sender.send(3).has_value());
  CHECK(changed.is_woken());
  CHECK(changed.poll().value().has_value());
}

TEST_CASE("a changed() that is cancelled after its wake has seen nothing") {
  auto [sender, receiver] = channel(1);
  auto changed = by_hand(receiver.changed());
  CHECK(changed.poll().is_pending());
  CHECK(sender.send(2).has_value());
  changed.cancel();
  CHECK(changed.wakers_out() == 0);
  CHECK(receiver.has_changed());
}

TEST_CASE("a changed() throws when it is polled again after it was ready") {
  auto [sender, receiver] = channel(1);
  CHECK(sender.send(2).has_value());
  auto changed = by_hand(receiver.changed());
  CHECK(changed.poll().value().has_value());
  CHECK_THROWS_AS((void)changed.poll(), Misuse);
}

TEST_CASE("a task follows a value that another one sends") {
  run([]() -> Async<> {
    auto [sender, receiver] = channel(0);
    std::vector<int> seen;
    const auto follow = [&seen](Receiver<int> from) -> Async<> {
      for (;;) {
        const auto changed = co_await from.changed();
        if (!changed) co_return;
        seen.push_back(*from.borrow());
      }
    };
    auto follower = nara::spawn(follow, std::move(receiver));
    Sender<int> to = std::move(sender);
    for (int value = 1; value <= 3; ++value) {
      CHECK(to.send(10 * value).has_value());
      CHECK(to.send(10 * value + 1).has_value());
      co_await nara::yield_now();
    }
    to = Sender<int>(0);
    const auto result = co_await follower;
    CHECK(result.has_value());
    CHECK(seen == std::vector{11, 21, 31});
  });
}

TEST_CASE("a task whose watch has always changed lets others run after a budget of changes") {
  auto [sender, receiver] = channel(0);
  int changes = 0;
  const auto follow = [](Receiver<int>& from, int& count) -> Async<> {
    for (;;) {
      from.mark_changed();
      const auto changed = co_await from.changed();
      if (!changed) co_return;
      ++count;
    }
  };
  auto task = by_hand(follow(receiver, changes));
  CHECK(task.poll().is_pending());
  CHECK(changes == 128);
  CHECK(task.is_woken());
}

TEST_CASE("a handle of a watch that was moved from throws when it is used") {
  auto [sender, receiver] = channel(1);
  const Sender<int> moved_sender = std::move(sender);
  const Receiver<int> moved_receiver = std::move(receiver);
  CHECK_THROWS_AS((void)sender.send(1), Misuse);
  CHECK_THROWS_AS((void)receiver.borrow(), Misuse);
  CHECK_THROWS_AS((void)receiver.changed(), Misuse);
  CHECK(moved_sender.send(2).has_value());
  CHECK(moved_receiver.has_changed());
}
