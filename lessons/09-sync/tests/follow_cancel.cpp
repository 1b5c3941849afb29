// Who waits for a broadcast, a watch, a token or a tracker can be destroyed wherever it waits, and
// nothing is left.
#include <doctest/doctest.h>

#include <memory>
#include <nara/async.hpp>
#include <nara/sync/broadcast.hpp>
#include <nara/sync/cancellation_token.hpp>
#include <nara/sync/watch.hpp>
#include <nara/task_tracker.hpp>
#include <optional>
#include <testkit/by_hand.hpp>
#include <testkit/tracked.hpp>
#include <utility>

using nara::Async;
using nara::TaskTracker;
using nara::TaskTrackerToken;
using nara::sync::CancellationToken;
using nara::test::destroy_at_every_suspension;
using nara::test::Tracked;
namespace broadcast = nara::sync::broadcast;
namespace watch = nara::sync::watch;

namespace {

/// A value that can be copied, and counted.
using Counted = std::shared_ptr<Tracked>;

Counted counted() { return std::make_shared<Tracked>(); }

}  // namespace

TEST_CASE("a coroutine that receives a broadcast can be destroyed wherever it waits") {
  std::optional<broadcast::Sender<Counted>> sender;
  const auto body = [](broadcast::Receiver<Counted> receiver) -> Async<> {
    const auto first = co_await receiver.recv();
    CHECK(first.has_value());
    const auto second = co_await receiver.recv();
    CHECK(second.has_value());
    const auto end = co_await receiver.recv();
    CHECK(end.error().is_closed());
  };
  const int suspensions = destroy_at_every_suspension(
      [&] {
        sender.emplace(2);
        return body(sender->subscribe());
      },
      [&](int poll) {
        if (poll == 3) return sender.reset();
        CHECK(sender->send(counted()).has_value());
      });
  CHECK(suspensions == 3);
}

TEST_CASE("a coroutine that follows a watch can be destroyed wherever it waits") {
  std::optional<watch::Sender<int>> sender;
  const auto body = [](watch::Receiver<int> receiver, Tracked kept) -> Async<> {
    const auto changed = co_await receiver.changed();
    CHECK(changed.has_value());
    const auto found = co_await receiver.wait_for([](int value) { return value == 3; });
    CHECK(**found == 3);
    const auto end = co_await receiver.changed();
    CHECK_FALSE(end.has_value());
    (void)kept;
  };
  const int suspensions = destroy_at_every_suspension(
      [&] {
        sender.emplace(0);
        return body(sender->subscribe(), Tracked());
      },
      [&](int poll) {
        if (poll == 4) return sender.reset();
        CHECK(sender->send(poll).has_value());
      });
  CHECK(suspensions == 4);
}

TEST_CASE("a coroutine that waits until nobody receives can be destroyed wherever it waits") {
  std::optional<broadcast::Receiver<int>> listener;
  std::optional<watch::Receiver<int>> watcher;
  const auto body = [](broadcast::Sender<int> speaker, watch::Sender<int> shower) -> Async<> {
    co_await speaker.closed();
    co_await shower.closed();
  };
  const int suspensions = destroy_at_every_suspension(
      [&] {
        broadcast::Sender<int> speaker(1);
        watch::Sender<int> shower(0);
        listener.emplace(speaker.subscribe());
        watcher.emplace(shower.subscribe());
        return body(std::move(speaker), std::move(shower));
      },
      [&](int poll) {
        if (poll == 1) return listener.reset();
        watcher.reset();
      });
  CHECK(suspensions == 2);
}

TEST_CASE("a coroutine that waits for tokens can be destroyed wherever it waits") {
  std::optional<CancellationToken> first;
  std::optional<CancellationToken> second;
  const auto body = [](CancellationToken one, CancellationToken other, Tracked kept) -> Async<> {
    co_await one.cancelled();
    const auto none = co_await other.run_until_cancelled(nara::pending());
    CHECK_FALSE(none.has_value());
    co_await std::move(other).cancelled_owned();
    (void)kept;
  };
  const int suspensions = destroy_at_every_suspension(
      [&] {
        first.emplace();
        second.emplace();
        return body(first->child_token(), second->child_token(), Tracked());
      },
      [&](int poll) { (poll == 1 ? first : second)->cancel(); });
  CHECK(suspensions == 2);
}

TEST_CASE("a coroutine that waits for a tracker can be destroyed wherever it waits") {
  const TaskTracker tracker;
  std::optional<TaskTrackerToken> token;
  const auto body = [](const TaskTracker& all, Tracked kept) -> Async<> {
    co_await all.wait();
    co_await all.wait();
    (void)kept;
  };
  const int suspensions = destroy_at_every_suspension(
      [&] {
        tracker.reopen();
        token.emplace(tracker.token());
        return body(tracker, Tracked());
      },
      [&](int) {
        token.reset();
        tracker.close();
      });
  CHECK(suspensions == 1);
}
