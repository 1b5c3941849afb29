// A token is cancelled once and for all, and who waits for it is woken.
#include <doctest/doctest.h>

#include <nara/sync/cancellation_token.hpp>
#include <nara/task_tracker.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <testkit/steps.hpp>

using nara::sync::CancellationToken;
using nara::test::by_hand;
using nara::test::step;

TEST_CASE("smoke: cancel") {
  const CancellationToken token;
  const CancellationToken child = token.child_token();
  auto wait = by_hand(child.cancelled());
  auto run = by_hand(child.run_until_cancelled(nara::pending<int>()));
  auto owned = by_hand(child.clone().cancelled_owned());
  CHECK(wait.poll().is_pending());
  CHECK(run.poll().is_pending());
  CHECK(owned.poll().is_pending());
  token.cancel();
  CHECK(wait.is_woken());
  CHECK(wait.poll().is_ready());
  CHECK_FALSE(run.poll().value().has_value());
  const auto guard = child.clone().drop_guard();
}

TEST_CASE("smoke: track") {
  nara::test::run([]() -> nara::Async<> {
    const nara::TaskTracker tracker;
    auto handle = tracker.spawn([]() -> nara::Async<> { co_return; });
    auto other = tracker.spawn([](int) -> nara::Async<> { co_return; }, 5);
    auto third = tracker.spawn(nara::ready(3));
    tracker.close();
    co_await tracker.wait();
    CHECK(tracker.is_empty());
  });
}
