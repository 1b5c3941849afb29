// Waiting until all tasks that a tracker counts have ended.
#include <doctest/doctest.h>

#include <cstddef>
#include <functional>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/join_handle.hpp>
#include <nara/sync/cancellation_token.hpp>
#include <nara/task_tracker.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <stdexcept>
#include <testkit/by_hand.hpp>
#include <testkit/gate.hpp>
#include <testkit/runtime.hpp>
#include <testkit/steps.hpp>
#include <utility>
#include <vector>

using nara::Async;
using nara::CurrentThread;
using nara::JoinHandle;
using nara::Misuse;
using nara::TaskTracker;
using nara::TaskTrackerToken;
using nara::sync::CancellationToken;
using nara::test::by_hand;
using nara::test::Gate;
using nara::test::run;
using nara::test::step;

TEST_CASE("a tracker that is open is not done, however empty it is") {
  const TaskTracker tracker;
  CHECK(tracker.is_empty());
  CHECK_FALSE(tracker.is_closed());
  auto wait = by_hand(tracker.wait());
  CHECK(wait.poll().is_pending());
  {
    const TaskTrackerToken token = tracker.token();
  }
  CHECK_FALSE(wait.is_woken());
  CHECK(tracker.close());
  CHECK(wait.is_woken());
  CHECK(wait.poll().is_ready());
}

TEST_CASE("a tracker that is closed is not done before it is empty") {
  const TaskTracker tracker;
  std::optional<TaskTrackerToken> first = tracker.token();
  std::optional<TaskTrackerToken> second = tracker.token();
  CHECK(tracker.close());
  auto wait = by_hand(tracker.wait());
  CHECK(wait.poll().is_pending());
  first.reset();
  CHECK_FALSE(wait.is_woken());
  second.reset();
  CHECK(wait.is_woken());
  CHECK(wait.poll().is_ready());
}

TEST_CASE("a tracker that is closed and empty needs no wait") {
  const TaskTracker tracker;
  CHECK(tracker.close());
  auto wait = by_hand(tracker.wait());
  CHECK(wait.poll().is_ready());
  CHECK_THROWS_AS((void)wait.poll(), Misuse);
}

TEST_CASE("a tracker that was done for a moment lets those pass who waited then") {
  const TaskTracker tracker;
  auto before = by_hand(tracker.wait());
  auto not_polled = by_hand(tracker.wait());
  CHECK(before.poll().is_pending());
  CHECK(tracker.close());
  auto at_that_time = by_hand(tracker.wait());
  const TaskTrackerToken token = tracker.token();
  auto after = by_hand(tracker.wait());
  CHECK(before.poll().is_ready());
  CHECK(not_polled.poll().is_ready());
  CHECK(at_that_time.poll().is_ready());
  CHECK(after.poll().is_pending());
  CHECK_THROWS_AS((void)before.poll(), Misuse);
}

TEST_CASE("to close and to reopen a tracker says whether that has changed anything") {
  const TaskTracker tracker;
  CHECK(tracker.close());
  CHECK_FALSE(tracker.close());
  CHECK(tracker.is_closed());
  CHECK(tracker.reopen());
  CHECK_FALSE(tracker.reopen());
  CHECK_FALSE(tracker.is_closed());
  CHECK(by_hand(tracker.wait()).poll().is_pending());
}

TEST_CASE("tokens count as long as they live") {
  const TaskTracker tracker;
  TaskTrackerToken first = tracker.token();
  {
    const TaskTrackerToken second = tracker.token();
    CHECK(tracker.size() == 2);
  }
  CHECK(tracker.size() == 1);
  const TaskTrackerToken moved = std::move(first);
  CHECK(tracker.size() == 1);
  step("to assign to one ends what it counted");
  first = TaskTracker().token();
  CHECK(tracker.size() == 1);
  first = tracker.token();
  CHECK(tracker.size() == 2);
  first = TaskTracker().token();
  CHECK(tracker.size() == 1);
}

TEST_CASE("a future that is tracked counts until it is destroyed, not only until it is ready") {
  const TaskTracker tracker;
  auto future = by_hand(tracker.track_future(nara::ready(7)));
  CHECK(tracker.size() == 1);
  CHECK(future.poll().value() == 7);
  CHECK(tracker.size() == 1);
  future.cancel();
  CHECK(tracker.is_empty());
}

TEST_CASE("tasks count until they end, however they do") {
  run([]() -> Async<> {
    const TaskTracker tracker;
    Gate gate;
    const auto pass = [](Gate& until) -> Async<int> {
      co_await until.wait();
      co_return 7;
    };
    auto returns = tracker.spawn(pass, std::ref(gate));
    auto throws = tracker.spawn([]() -> Async<> {
      co_await nara::yield_now();
      throw std::runtime_error("no luck");
    });
    auto aborted = tracker.spawn(nara::pending());
    CHECK(tracker.size() == 3);
    const auto thrown = co_await throws;
    CHECK(thrown.error().is_panic());
    CHECK(tracker.size() == 2);
    aborted.abort();
    const auto cancelled = co_await aborted;
    CHECK(cancelled.error().is_cancelled());
    CHECK(tracker.size() == 1);
    gate.open();
    const auto seven = co_await returns;
    CHECK(seven == 7);
    CHECK(tracker.is_empty());
  });
}

TEST_CASE("one can spawn when a tracker is closed, and it waits for that, too") {
  run([]() -> Async<> {
    const TaskTracker tracker;
    int ended = 0;
    const auto last = [&ended]() -> Async<> {
      co_await nara::yield_now();
      ++ended;
    };
    const auto first = [&, last]() -> Async<> {
      co_await nara::yield_now();
      const auto handle = tracker.spawn(last);
      ++ended;
    };
    (void)tracker.spawn(first);
    CHECK(tracker.close());
    co_await tracker.wait();
    CHECK(ended == 2);
  });
}

TEST_CASE("a task counts until all that it had is destroyed") {
  /// Notes, when it goes, how many tasks the tracker counts.
  class Witness {
   public:
    Witness(const TaskTracker& tracker, std::vector<std::size_t>& sizes)
        : tracker_(&tracker), sizes_(sizes) {}
    Witness(Witness&& other) noexcept
        : tracker_(std::exchange(other.tracker_, nullptr)), sizes_(other.sizes_) {}
    Witness& operator=(Witness&&) = delete;
    ~Witness() {
      if (tracker_ != nullptr) sizes_.push_back(tracker_->size());
    }

   private:
    const TaskTracker* tracker_;
    std::vector<std::size_t>& sizes_;
  };
  const TaskTracker tracker;
  std::vector<std::size_t> sizes;
  {
    CurrentThread executor;
    step("a future");
    (void)tracker.spawn_on(
        executor, nara::poll_fn([kept = Witness(tracker, sizes)](
                                    nara::Context&) -> nara::Poll<void> { return nara::kReady; }));
    executor.block_on(nara::yield_now());
    CHECK(sizes == std::vector<std::size_t>{1});
    step("a function, and its argument");
    (void)tracker.spawn_on(
        executor, [kept = Witness(tracker, sizes)](Witness) -> Async<> { co_return; },
        Witness(tracker, sizes));
    executor.block_on(nara::yield_now());
    CHECK(sizes == std::vector<std::size_t>{1, 1, 1});
  }
  CHECK(tracker.is_empty());
}

TEST_CASE("a task on another executor counts until that destroys it") {
  const TaskTracker tracker;
  {
    CurrentThread executor;
    const JoinHandle<int> handle = tracker.spawn_on(executor, nara::pending<int>());
    CHECK(tracker.size() == 1);
  }
  CHECK(tracker.is_empty());
}

TEST_CASE("a clone is the same tracker") {
  const TaskTracker tracker;
  const TaskTracker clone = tracker.clone();
  const TaskTrackerToken token = clone.token();
  CHECK(tracker.size() == 1);
  CHECK(clone.close());
  CHECK(tracker.is_closed());
}

TEST_CASE("a wait for a tracker that is given up keeps no waker") {
  const TaskTracker tracker;
  auto wait = by_hand(tracker.wait());
  CHECK(wait.poll().is_pending());
  CHECK(wait.wakers_out() == 1);
  wait.cancel();
  CHECK(wait.wakers_out() == 0);
}

TEST_CASE("with a token and a tracker, a program shuts down in order") {
  run([]() -> Async<> {
    const TaskTracker tracker;
    const CancellationToken token;
    int cleaned = 0;
    const auto serve = [&cleaned](CancellationToken until) -> Async<> {
      const auto result = co_await until.run_until_cancelled(nara::pending());
      CHECK_FALSE(result.has_value());
      co_await nara::yield_now();
      ++cleaned;
    };
    for (int task = 0; task < 3; ++task) (void)tracker.spawn(serve, token.child_token());
    co_await nara::yield_now();
    CHECK(tracker.close());
    token.cancel();
    co_await tracker.wait();
    CHECK(cleaned == 3);
  });
}

TEST_CASE("a tracked future says what it waits for") {
  const TaskTracker tracker;
  nara::Trace trace;
  tracker.track_future(nara::pending()).describe(trace);
  CHECK(trace.waits_for == "pending()");
}

TEST_CASE("a tracker that was moved from throws when it is used") {
  TaskTracker tracker;
  const TaskTracker moved = std::move(tracker);
  CHECK_THROWS_AS((void)tracker.token(), Misuse);
  CHECK_THROWS_AS((void)tracker.wait(), Misuse);
  CHECK(moved.is_empty());
}
