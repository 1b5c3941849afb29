// Ticks: when they come, and what happens to those that nobody took in time.
#include <doctest/doctest.h>

#include <nara/misuse.hpp>
#include <nara/time/interval.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <testkit/by_hand.hpp>
#include <vector>

#include "paused.hpp"

using namespace std::chrono_literals;

using nara::Async;
using nara::Misuse;
using nara::test::by_hand;
using nara::test::run_paused;
using nara::test::step;
using nara::time::advance;
using nara::time::Duration;
using nara::time::Instant;
using nara::time::Interval;
using nara::time::interval;
using nara::time::interval_at;
using nara::time::MissedTickBehavior;
using nara::time::now;
using nara::time::timeout;

namespace {

/// A tick: when it was due, and when it came, after the start.
struct Seen {
  Duration due;
  Duration came;
  bool operator==(const Seen&) const = default;
};

Async<std::vector<Seen>> take(Interval& ticks, Instant start, int count) {
  std::vector<Seen> seen;
  for (int i = 0; i < count; ++i) {
    const Instant due = co_await ticks.tick();
    seen.push_back({due - start, now() - start});
  }
  co_return seen;
}

/// Takes two ticks in time, is away for 650 ms after the second, and takes four more.
Async<std::vector<Seen>> come_late(MissedTickBehavior behavior) {
  const Instant start = now();
  Interval ticks = interval(300ms);
  ticks.set_missed_tick_behavior(behavior);
  (void)co_await take(ticks, start, 2);
  co_await advance(650ms);
  std::vector<Seen> seen = co_await take(ticks, start, 4);
  co_return seen;
}

using AllSeen = std::vector<Seen>;

}  // namespace

TEST_CASE("the first tick is now, and the others follow a period apart") {
  run_paused([]() -> Async<> {
    const Instant start = now();
    Interval ticks = interval(300ms);
    CHECK(ticks.period() == 300ms);
    const auto seen = co_await take(ticks, start, 4);
    CHECK(seen == AllSeen{{0ms, 0ms}, {300ms, 300ms}, {600ms, 600ms}, {900ms, 900ms}});
  });
}

TEST_CASE("interval_at begins when it is told to") {
  run_paused([]() -> Async<> {
    const Instant start = now();
    Interval ticks = interval_at(start + 1s, 300ms);
    const auto seen = co_await take(ticks, start, 3);
    CHECK(seen == AllSeen{{1000ms, 1000ms}, {1300ms, 1300ms}, {1600ms, 1600ms}});
  });
}

TEST_CASE("a period that is not positive is a misuse") {
  run_paused([]() -> Async<> {
    CHECK_THROWS_WITH_AS((void)interval(0ms), doctest::Contains("period"), Misuse);
    CHECK_THROWS_WITH_AS((void)interval(-1ms), doctest::Contains("period"), Misuse);
    CHECK_THROWS_WITH_AS((void)interval_at(now(), 0ms), doctest::Contains("period"), Misuse);
    co_return;
  });
}

TEST_CASE("an interval without a runtime is a misuse") {
  CHECK_THROWS_WITH_AS((void)interval(1ms), doctest::Contains("interval() needs a runtime"),
                       Misuse);
  CHECK_THROWS_WITH_AS((void)interval_at(Instant(), 1ms),
                       doctest::Contains("interval_at() needs a runtime"), Misuse);
}

TEST_CASE("burst: ticks that were missed come at once, and the grid stays as it was") {
  run_paused([]() -> Async<> {
    Interval ticks = interval(300ms);
    CHECK(ticks.missed_tick_behavior() == MissedTickBehavior::kBurst);
    const auto seen = co_await come_late(MissedTickBehavior::kBurst);
    CHECK(seen == AllSeen{{600ms, 950ms}, {900ms, 950ms}, {1200ms, 1200ms}, {1500ms, 1500ms}});
  });
}

TEST_CASE("delay: after a late tick, the next comes a whole period later") {
  run_paused([]() -> Async<> {
    const auto seen = co_await come_late(MissedTickBehavior::kDelay);
    CHECK(seen == AllSeen{{600ms, 950ms}, {1250ms, 1250ms}, {1550ms, 1550ms}, {1850ms, 1850ms}});
  });
}

TEST_CASE("skip: ticks that were missed never come, and the grid stays as it was") {
  run_paused([]() -> Async<> {
    const auto seen = co_await come_late(MissedTickBehavior::kSkip);
    CHECK(seen == AllSeen{{600ms, 950ms}, {1200ms, 1200ms}, {1500ms, 1500ms}, {1800ms, 1800ms}});
  });
}

TEST_CASE("a tick that is at most 5 ms late counts as in time") {
  run_paused([]() -> Async<> {
    for (const auto behavior : {MissedTickBehavior::kDelay, MissedTickBehavior::kSkip}) {
      for (const Duration late : {Duration(5ms), 5ms + 1ns}) {
        step("come ", late.count(), " ns late");
        const Instant start = now();
        Interval ticks = interval(1ms);
        ticks.set_missed_tick_behavior(behavior);
        co_await advance(late);
        (void)co_await ticks.tick();
        const Instant next = co_await ticks.tick();
        CHECK((next == start + 1ms) == (late == 5ms));
        co_await advance(1s - (now() - start) % 1s);
      }
    }
  });
}

TEST_CASE("reset: the next tick comes a period from now, and so on") {
  run_paused([]() -> Async<> {
    const Instant start = now();
    Interval ticks = interval(300ms);
    (void)co_await ticks.tick();
    co_await advance(100ms);
    ticks.reset();
    const auto seen = co_await take(ticks, start, 2);
    CHECK(seen == AllSeen{{400ms, 400ms}, {700ms, 700ms}});
  });
}

TEST_CASE("reset_immediately: the next tick comes now") {
  run_paused([]() -> Async<> {
    const Instant start = now();
    Interval ticks = interval(300ms);
    (void)co_await ticks.tick();
    co_await advance(100ms);
    ticks.reset_immediately();
    const auto seen = co_await take(ticks, start, 2);
    CHECK(seen == AllSeen{{100ms, 100ms}, {400ms, 400ms}});
  });
}

TEST_CASE("reset_after and reset_at: the next tick comes then") {
  run_paused([]() -> Async<> {
    const Instant start = now();
    Interval ticks = interval(300ms);
    (void)co_await ticks.tick();
    co_await advance(100ms);
    ticks.reset_after(20ms);
    const auto after = co_await take(ticks, start, 2);
    CHECK(after == AllSeen{{120ms, 120ms}, {420ms, 420ms}});
    ticks.reset_at(start + 1s);
    const auto at = co_await take(ticks, start, 2);
    CHECK(at == AllSeen{{1000ms, 1000ms}, {1300ms, 1300ms}});
  });
}

TEST_CASE("a tick that was waited for in vain is not lost") {
  run_paused([]() -> Async<> {
    const Instant start = now();
    Interval ticks = interval(300ms);
    (void)co_await ticks.tick();
    for (int i = 0; i < 5; ++i) {
      const auto tick = co_await timeout(50ms, ticks.tick());
      CHECK_FALSE(tick.has_value());
    }
    const auto seen = co_await take(ticks, start, 2);
    CHECK(seen == AllSeen{{300ms, 300ms}, {600ms, 600ms}});
  });
}

TEST_CASE("a tick that came, but was not taken before its future was destroyed, is not lost") {
  in_paused([](auto& runtime) {
    const Instant start = now();
    Interval ticks = interval_at(start + 300ms, 300ms);
    {
      auto lost = by_hand(ticks.tick());
      CHECK(lost.poll().is_pending());
      move_clock(runtime, 300ms);
      CHECK(lost.is_woken());
    }
    auto taken = by_hand(ticks.tick());
    CHECK(taken.poll().value() == start + 300ms);
  });
}

TEST_CASE("ticks that were missed take from the budget") {
  in_paused([](auto& runtime) {
    Interval ticks = interval(1ms);
    move_clock(runtime, 1s);
    auto future = by_hand([](Interval& ticks) -> Async<> {
      for (int i = 0; i < nara::Context::kBudget + 1; ++i) (void)co_await ticks.tick();
    }(ticks));
    CHECK(future.poll().is_pending());
    CHECK(future.is_woken());
    CHECK(future.poll().is_ready());
  });
}

TEST_CASE("an interval with the longest period, or from the earliest time on, does not overflow") {
  run_paused([]() -> Async<> {
    const Instant start = now();
    Interval slow = interval(Duration::max());
    const auto seen = co_await take(slow, start, 2);
    CHECK(seen[1].due == 24h * 365 * 30);
    for (const auto behavior :
         {MissedTickBehavior::kBurst, MissedTickBehavior::kDelay, MissedTickBehavior::kSkip}) {
      Interval early = interval_at(Instant::min(), 1h);
      early.set_missed_tick_behavior(behavior);
      const Instant due = co_await early.tick();
      CHECK(due == Instant::min());
      (void)co_await early.tick();
    }
  });
}
