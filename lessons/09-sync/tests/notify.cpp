// Telling others that something has happened.
#include <doctest/doctest.h>

#include <nara/join_handle.hpp>
#include <nara/misuse.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/notify.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <utility>
#include <vector>

#include "turns.hpp"

using nara::Async;
using nara::JoinHandle;
using nara::sync::Notified;
using nara::sync::Notify;
using nara::test::by_hand;
using nara::test::run;
using nara::test::step;

TEST_CASE("who waits is woken by a notification, and is ready") {
  Notify notify;
  auto wait = by_hand(notify.notified());
  CHECK(wait.poll().is_pending());
  notify.notify_one();
  CHECK(wait.wakes() == 1);
  CHECK(wait.poll().is_ready());
}

TEST_CASE("a notification that finds nobody is kept, but never more than one") {
  Notify notify;
  for (int i = 0; i < 3; ++i) notify.notify_one();
  auto first = by_hand(notify.notified());
  auto second = by_hand(notify.notified());
  CHECK(first.poll().is_ready());
  CHECK(second.poll().is_pending());
}

TEST_CASE(
    "notify_one() wakes the one who was polled first, and notify_last() the one polled last") {
  Notify notify;
  auto first = by_hand(notify.notified());
  auto middle = by_hand(notify.notified());
  auto last = by_hand(notify.notified());
  CHECK(first.poll().is_pending());
  CHECK(middle.poll().is_pending());
  CHECK(last.poll().is_pending());
  notify.notify_last();
  CHECK(last.is_woken());
  CHECK_FALSE(first.is_woken());
  notify.notify_one();
  CHECK(first.is_woken());
  CHECK_FALSE(middle.is_woken());
  notify.notify_one();
  CHECK(middle.is_woken());
}

TEST_CASE("a notify_last() that finds nobody is kept as well") {
  Notify notify;
  notify.notify_last();
  notify.notify_last();
  CHECK(by_hand(notify.notified()).poll().is_ready());
  CHECK(by_hand(notify.notified()).poll().is_pending());
}

TEST_CASE("notify_waiters() reaches all who wait, and keeps nothing for those who come later") {
  Notify notify;
  auto first = by_hand(notify.notified());
  auto second = by_hand(notify.notified());
  CHECK(first.poll().is_pending());
  CHECK(second.poll().is_pending());
  notify.notify_waiters();
  CHECK(first.poll().is_ready());
  CHECK(second.poll().is_ready());
  CHECK(by_hand(notify.notified()).poll().is_pending());
}

TEST_CASE("notify_waiters() reaches also who has asked before it, and is polled only after it") {
  Notify notify;
  auto asked = by_hand(notify.notified());
  notify.notify_waiters();
  auto late = by_hand(notify.notified());
  CHECK(asked.poll().is_ready());
  CHECK(asked.wakes() == 0);
  CHECK(late.poll().is_pending());
}

TEST_CASE("a notify_one() before the first poll is for whoever is polled first") {
  Notify notify;
  auto made_first = by_hand(notify.notified());
  auto polled_first = by_hand(notify.notified());
  notify.notify_one();
  CHECK(polled_first.poll().is_ready());
  CHECK(made_first.poll().is_pending());
}

TEST_CASE("who was notified, and is destroyed before it is polled, passes that on") {
  Notify notify;
  auto first = by_hand(notify.notified());
  auto second = by_hand(notify.notified());
  CHECK(first.poll().is_pending());
  CHECK(second.poll().is_pending());
  notify.notify_one();
  first.cancel();
  CHECK(second.is_woken());
  step("and with nobody left, it is kept");
  second.cancel();
  CHECK(by_hand(notify.notified()).poll().is_ready());
}

TEST_CASE("a notification that reached all is not passed on by those who are destroyed") {
  Notify notify;
  auto first = by_hand(notify.notified());
  CHECK(first.poll().is_pending());
  notify.notify_waiters();
  auto late = by_hand(notify.notified());
  CHECK(late.poll().is_pending());
  first.cancel();
  CHECK_FALSE(late.is_woken());
}

TEST_CASE("who was chosen, and is then reached by notify_waiters(), takes only one of both") {
  Notify notify;
  auto chosen = by_hand(notify.notified());
  auto other = by_hand(notify.notified());
  CHECK(chosen.poll().is_pending());
  CHECK(other.poll().is_pending());
  notify.notify_one();
  notify.notify_waiters();
  CHECK(chosen.poll().is_ready());
  CHECK(other.poll().is_ready());
  CHECK(by_hand(notify.notified()).poll().is_pending());
}

TEST_CASE("enable() stands in line without a poll, and says whether it was notified") {
  Notify notify;
  Notified first = notify.notified();
  Notified second = notify.notified();
  CHECK_FALSE(first.enable());
  CHECK_FALSE(first.enable());
  CHECK_FALSE(second.enable());
  notify.notify_one();
  CHECK(first.enable());
  CHECK_FALSE(second.enable());
  notify.notify_waiters();
  CHECK(second.enable());
}

TEST_CASE("enable() takes a notification that was kept: it is gone for all others") {
  Notify notify;
  notify.notify_one();
  Notified enabled = notify.notified();
  CHECK(enabled.enable());
  CHECK(by_hand(notify.notified()).poll().is_pending());
  const nara::Waker nobody = nara::Waker::noop();
  nara::Context context(nobody);
  CHECK(enabled.poll(context).is_ready());
}

TEST_CASE("who has called enable() is woken through the waker of its poll") {
  Notify notify;
  auto wait = by_hand(notify.notified());
  CHECK_FALSE(wait.future().enable());
  auto later = by_hand(notify.notified());
  CHECK(later.poll().is_pending());
  CHECK(wait.poll().is_pending());
  notify.notify_one();
  CHECK(wait.wakes() == 1);
  CHECK_FALSE(later.is_woken());
}

TEST_CASE("a condition that is looked at after notified() is never missed") {
  run([]() -> Async<> {
    Notify notify;
    int items = 0;
    const auto take = [&]() -> Async<> {
      for (;;) {
        Notified changed = notify.notified();
        if (items > 0) break;
        co_await changed;
      }
      --items;
    };
    std::vector<JoinHandle<void>> tasks;
    for (int i = 0; i < 10; ++i) tasks.push_back(nara::spawn(take));
    for (int i = 0; i < 10; ++i) {
      co_await let_run(i % 3);
      ++items;
      notify.notify_waiters();
    }
    for (JoinHandle<void>& task : tasks) (void)co_await task;
    CHECK(items == 0);
  });
}

TEST_CASE("notifications take from the budget: nobody can go on for ever with them") {
  Notify notify;
  const auto body = [&]() -> Async<> {
    for (int i = 0; i < nara::Context::kBudget + 1; ++i) {
      notify.notify_one();
      co_await notify.notified();
    }
  };
  auto future = by_hand(body());
  CHECK(future.poll().is_pending());
  CHECK(future.is_woken());
  CHECK(future.poll().is_ready());
}

TEST_CASE("to poll a notified() again after it was ready is a misuse") {
  Notify notify;
  notify.notify_one();
  auto wait = by_hand(notify.notified());
  CHECK(wait.poll().is_ready());
  CHECK_THROWS_WITH_AS((void)wait.poll(), doctest::Contains("Notify::notified() was polled again"),
                       nara::Misuse);
}
