// A sleep: when it ends, and that it can be moved, reset, and given up.
#include <doctest/doctest.h>

#include <nara/misuse.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <optional>
#include <testkit/by_hand.hpp>
#include <utility>
#include <vector>

#include "paused.hpp"

using namespace std::chrono_literals;

using nara::Async;
using nara::JoinHandle;
using nara::Misuse;
using nara::test::by_hand;
using nara::test::let_run;
using nara::test::run_paused;
using nara::test::run_with_drivers;
using nara::test::step;
using nara::time::Duration;
using nara::time::Instant;
using nara::time::now;
using nara::time::sleep;
using nara::time::sleep_until;

namespace {

/// How much time that takes.
Async<Duration> time_of(nara::time::Sleep sleep) {
  const Instant start = now();
  co_await sleep;
  co_return now() - start;
}

}  // namespace

TEST_CASE("a sleep ends when its time is over, in block_on and in a task") {
  run_paused([]() -> Async<> {
    for (const Duration duration : {1ms, 10ms, 60ms, 64ms, 5'000ms, 86'400'000ms}) {
      step("sleep for ", duration / 1ms, " ms");
      const Duration here = co_await time_of(sleep(duration));
      CHECK(here == duration);
      JoinHandle<Duration> task = nara::spawn(time_of(sleep(duration)));
      const auto there = co_await task;
      CHECK(there == duration);
    }
  });
}

TEST_CASE("in real time, no sleep ends early") {
  run_with_drivers([]() -> Async<> {
    for (const Duration duration : {1ns, 1'000ns, 999'999ns, 1'000'000ns, 2'500'000ns}) {
      step("sleep for ", duration.count(), " ns");
      const Duration took = co_await time_of(sleep(duration));
      CHECK(took >= duration);
    }
  });
}

TEST_CASE("each sleep ends at exactly its own deadline, also beyond a round of the wheel") {
  run_paused([]() -> Async<> {
    const Instant start = now();
    co_await sleep(5ms);
    std::vector<JoinHandle<Duration>> tasks;
    for (const Duration duration : {1ms, 10ms, 60ms, 59ms, 4'096ms, 4'091ms}) {
      tasks.push_back(nara::spawn(time_of(sleep(duration))));
    }
    std::vector<Duration> took;
    for (JoinHandle<Duration>& task : tasks) {
      const auto duration = co_await task;
      took.push_back(*duration);
    }
    CHECK(took == std::vector<Duration>{1ms, 10ms, 60ms, 59ms, 4'096ms, 4'091ms});
    CHECK(now() - start == 5ms + 4'096ms);
  });
}

TEST_CASE("a deadline between two ticks is met at the second: late by less than a millisecond") {
  run_paused([]() -> Async<> {
    for (const Duration duration : {1us, 500us, 999us, 1'001us, 1'500us, 2'001us}) {
      step("sleep for ", duration / 1us, " us");
      const Duration took = co_await time_of(sleep(duration));
      CHECK(took == std::chrono::ceil<std::chrono::milliseconds>(duration));
    }
  });
}

TEST_CASE("a sleep until now, or any time before, is over when the driver looks next") {
  in_paused([](auto& runtime) {
    move_clock(runtime, 1h);
    for (const Instant deadline : {now(), now() - 1h, Instant(), Instant::min()}) {
      auto future = by_hand(sleep_until(deadline));
      CHECK_FALSE(future.future().is_elapsed());
      if (future.poll().is_pending()) {
        move_clock(runtime, 0ms);
        CHECK(future.is_woken());
        CHECK(future.poll().is_ready());
      }
      CHECK(future.future().is_elapsed());
      CHECK(future.wakers_out() == 0);
    }
  });
}

TEST_CASE("a sleep for no time at all takes none") {
  run_paused([]() -> Async<> {
    for (const Duration duration : {Duration(0), Duration(-1), Duration::min()}) {
      const Duration took = co_await time_of(sleep(duration));
      CHECK(took == 0ms);
    }
  });
}

TEST_CASE("a sleep is not elapsed before it is woken, and stays ready after that") {
  in_paused([](auto& runtime) {
    auto future = by_hand(sleep(10ms));
    CHECK(future.poll().is_pending());
    move_clock(runtime, 9'999us);
    CHECK_FALSE(future.is_woken());
    CHECK_FALSE(future.future().is_elapsed());
    CHECK(future.poll().is_pending());
    move_clock(runtime, 1us);
    CHECK(future.is_woken());
    CHECK(future.future().is_elapsed());
    CHECK(future.wakes() == 1);
    CHECK(future.poll().is_ready());
    CHECK(future.poll().is_ready());
  });
}

TEST_CASE("the time of a sleep runs from its making, not from its first poll") {
  in_paused([](auto& runtime) {
    const Instant start = now();
    auto future = by_hand(sleep(10ms));
    CHECK(future.future().deadline() == start + 10ms);
    move_clock(runtime, 9ms);
    CHECK(future.poll().is_pending());
    move_clock(runtime, 1ms);
    CHECK(future.poll().is_ready());
  });
}

TEST_CASE("sleeps with the same deadline end together, in their order") {
  in_paused([](auto& runtime) {
    std::vector<int> order;
    const Instant deadline = now() + 100ms;
    for (int number = 0; number < 100; ++number) {
      (void)runtime.spawn([&order, deadline, number]() -> Async<> {
        co_await sleep_until(deadline);
        order.push_back(number);
      });
    }
    runtime.block_on(let_run());
    move_clock(runtime, 99ms);
    CHECK(order.empty());
    move_clock(runtime, 1ms);
    REQUIRE(order.size() == 100);
    CHECK(std::ranges::is_sorted(order));
  });
}

TEST_CASE("a sleep that was polled with two wakers wakes the later one") {
  in_paused([](auto& runtime) {
    nara::test::WakeCounter first;
    nara::test::WakeCounter second;
    auto future = sleep(10ms);
    for (nara::test::WakeCounter* counter : {&first, &second}) {
      const nara::Waker waker = counter->waker();
      nara::Context context(waker);
      CHECK(future.poll(context).is_pending());
    }
    CHECK(first.wakers_out() == 0);
    move_clock(runtime, 10ms);
    CHECK(first.wakes() == 0);
    CHECK(second.wakes() == 1);
  });
}

TEST_CASE("a destroyed sleep never wakes anybody, and keeps nothing") {
  in_paused([](auto& runtime) {
    auto before = by_hand(sleep(10ms));
    auto future = by_hand(sleep(10ms));
    auto after = by_hand(sleep(10ms));
    for (auto* each : {&before, &future, &after}) CHECK(each->poll().is_pending());
    CHECK(future.wakers_out() == 1);
    future.cancel();
    CHECK(future.wakers_out() == 0);
    move_clock(runtime, 1h);
    CHECK(future.wakes() == 0);
    CHECK(before.wakes() == 1);
    CHECK(after.wakes() == 1);
  });
}

TEST_CASE("a coroutine that sleeps can be destroyed at each of its sleeps, and nothing is left") {
  in_paused([](auto& runtime) {
    const auto body = [](nara::test::Tracked kept) -> Async<> {
      co_await sleep(1ms);
      co_await sleep(100ms);
      (void)kept;
    };
    const int suspensions = nara::test::destroy_at_every_suspension(
        [&] { return body(nara::test::Tracked()); }, [&](int) { move_clock(runtime, 100ms); });
    CHECK(suspensions == 2);
    move_clock(runtime, 1h);
  });
}

TEST_CASE("a sleep may be moved until its first poll, and again when it is over") {
  in_paused([](auto& runtime) {
    nara::time::Sleep first = sleep(10ms);
    auto future = by_hand(std::move(first));
    CHECK(future.poll().is_pending());
    move_clock(runtime, 10ms);
    REQUIRE(future.future().is_elapsed());
    auto moved = by_hand(std::move(future.future()));
    CHECK(moved.future().is_elapsed());
    CHECK(moved.poll().is_ready());
  });
}

TEST_CASE("sleeps that are over take from the budget: nobody can go on for ever with them") {
  in_paused([](auto&) {
    auto future = by_hand([]() -> Async<> {
      const Instant start = now();
      for (int i = 0; i < nara::Context::kBudget + 1; ++i) co_await sleep_until(start);
    }());
    CHECK(future.poll().is_pending());
    CHECK(future.is_woken());
    CHECK(future.poll().is_ready());
  });
}

TEST_CASE("the longest sleeps are about thirty years long, and nothing overflows") {
  in_paused([](auto& runtime) {
    constexpr auto kYear = 24h * 365;
    for (const Duration duration : {Duration::max(), Duration::max() - 1ns, Duration(kYear * 40)}) {
      auto future = by_hand(sleep(duration));
      CHECK(future.poll().is_pending());
      CHECK(future.future().deadline() - now() == kYear * 30);
      move_clock(runtime, kYear * 29);
      CHECK_FALSE(future.is_woken());
      move_clock(runtime, kYear);
      CHECK(future.is_woken());
    }
    for (const Instant deadline : {Instant::max(), Instant::max() - 1ns}) {
      auto future = by_hand(sleep_until(deadline));
      CHECK(future.poll().is_pending());
      move_clock(runtime, kYear * 10);
      CHECK_FALSE(future.is_woken());
    }
  });
}

TEST_CASE("a deadline that is more than two hundred years away has passed after those") {
  in_paused([](auto& runtime) {
    constexpr auto kYear = 24h * 365;
    auto future = by_hand(sleep_until(Instant::max()));
    CHECK(future.poll().is_pending());
    for (int years = 0; years < 180; years += 20) move_clock(runtime, kYear * 20);
    move_clock(runtime, kYear * 20 - 1ms);
    CHECK_FALSE(future.is_woken());
    move_clock(runtime, 1ms);
    CHECK(future.is_woken());
  });
}

TEST_CASE(
    "a sleep without a runtime, or in one without a clock, is a misuse that says what to do") {
  CHECK_THROWS_WITH_AS((void)sleep(1ms), doctest::Contains("sleep() needs a runtime"), Misuse);
  CHECK_THROWS_WITH_AS((void)sleep_until(Instant()),
                       doctest::Contains("sleep_until() needs a runtime"), Misuse);
  nara::CurrentThread executor;
  const nara::Current inside = executor.enter();
  CHECK_THROWS_WITH_AS((void)sleep(1ms), doctest::Contains("enable_time()"), Misuse);
}
