// A clock that stands still: it moves when it is told to, and when all wait for time to pass.
#include <doctest/doctest.h>

#include <nara/misuse.hpp>
#include <nara/run_blocking.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <nara/time/timers.hpp>
#include <semaphore>
#include <testkit/gate.hpp>
#include <testkit/random.hpp>
#include <vector>

#include "paused.hpp"

using namespace std::chrono_literals;

using nara::Async;
using nara::JoinHandle;
using nara::Misuse;
using nara::spawn;
using nara::test::let_run;
using nara::test::Random;
using nara::test::run_paused;
using nara::test::run_with_drivers;
using nara::test::step;
using nara::time::advance;
using nara::time::Duration;
using nara::time::Instant;
using nara::time::now;
using nara::time::sleep;
using std::chrono::steady_clock;

namespace {

/// Some tasks sleep for a random time, several times each. Says when who woke up.
std::vector<std::pair<int, Duration>> sleep_at_random(unsigned seed) {
  constexpr int kTasks = 1'000;
  constexpr int kTimes = 10;
  std::vector<std::pair<int, Duration>> woken;
  run_paused([&]() -> Async<> {
    const Instant start = now();
    std::vector<JoinHandle<void>> tasks;
    for (int number = 0; number < kTasks; ++number) {
      tasks.push_back(spawn([&woken, start, number, seed]() -> Async<> {
        Random random(seed + static_cast<unsigned>(number));
        for (int i = 0; i < kTimes; ++i) {
          co_await sleep(std::chrono::microseconds(nara::test::below(random, 3'000'000)));
          woken.emplace_back(number, now() - start);
        }
      }));
    }
    for (JoinHandle<void>& task : tasks) (void)co_await task;
  });
  REQUIRE(woken.size() == kTasks * kTimes);
  return woken;
}

}  // namespace

TEST_CASE("outside of a runtime, and in one without a clock, it is the machine's time") {
  const Instant before = steady_clock::now();
  const Instant outside = now();
  nara::CurrentThread executor;
  const nara::Current inside = executor.enter();
  const Instant within = now();
  CHECK(before <= outside);
  CHECK(outside <= within);
  CHECK(within <= steady_clock::now());
}

TEST_CASE("a runtime's clock runs with the machine's until it is paused") {
  run_with_drivers([]() -> Async<> {
    const Instant before = steady_clock::now();
    const Instant here = now();
    CHECK(before <= here);
    CHECK(here <= steady_clock::now());
    co_return;
  });
}

TEST_CASE("advance moves the clock by exactly what it is told") {
  run_paused([]() -> Async<> {
    for (const Duration by : {Duration(51'592us), Duration(1us), 1ns, 0ns, Duration(48h)}) {
      step("by ", by.count(), " ns");
      const Instant before = now();
      co_await advance(by);
      CHECK(now() - before == by);
    }
  });
}

TEST_CASE("advance lets all whose time has come have a turn, before it is over") {
  run_paused([]() -> Async<> {
    std::vector<int> order;
    const auto sleeper = [&order](int number, Duration duration) -> Async<> {
      co_await sleep(duration);
      order.push_back(number);
    };
    JoinHandle<void> late = spawn(sleeper, 3, 30ms);
    JoinHandle<void> second = spawn(sleeper, 2, 20ms);
    JoinHandle<void> first = spawn(sleeper, 1, 10ms);
    co_await let_run();
    co_await advance(20ms);
    CHECK(order == std::vector{1, 2});
    (void)co_await late;
    CHECK(order == std::vector{1, 2, 3});
  });
}

TEST_CASE("a clock that stands still does not move while a task has something to do") {
  run_paused([]() -> Async<> {
    const Instant start = now();
    JoinHandle<void> other = spawn(sleep(1ms));
    co_await let_run(1'000);
    CHECK(now() == start);
    CHECK_FALSE(other.is_finished());
    (void)co_await other;
    CHECK(now() - start == 1ms);
  });
}

TEST_CASE("when all tasks wait, the clock moves to the next deadline, without real time passing") {
  // If it did not, the test would take some years.
  run_paused([]() -> Async<> {
    const Instant start = now();
    std::vector<Duration> woken;
    const auto sleeper = [&](Duration duration) -> Async<> {
      co_await sleep(duration);
      woken.push_back(now() - start);
    };
    JoinHandle<void> year = spawn(sleeper, 24h * 365);
    JoinHandle<void> decade = spawn(sleeper, 24h * 3'650);
    JoinHandle<void> hour = spawn(sleeper, 1h);
    (void)co_await decade;
    CHECK(woken == std::vector<Duration>{1h, 24h * 365, 24h * 3'650});
  });
}

TEST_CASE("while another thread works for the runtime, the clock stays where it is") {
  run_paused([]() -> Async<> {
    const Instant start = now();
    std::binary_semaphore may_end(0);
    JoinHandle<void> sleeper = spawn(sleep(1ms));
    auto job = nara::run_blocking([&] { may_end.acquire(); });
    JoinHandle<void> other = spawn([&]() -> Async<> {
      co_await let_run(200);  // The driver has been asked several times by then.
      CHECK(now() == start);
      may_end.release();
    });
    co_await job;
    CHECK(now() == start);
    CHECK_FALSE(sleeper.is_finished());
    step("the job is over: time may pass again");
    (void)co_await sleeper;
    CHECK(now() - start == 1ms);
  });
}

TEST_CASE("a timeout of a job in another thread does not come because the clock stands still") {
  run_paused([]() -> Async<> {
    const auto result = co_await nara::time::timeout(1ms, nara::run_blocking([] {
                                                       // Long enough for the runtime to have
                                                       // nothing left to do but wait.
                                                       const Instant until =
                                                           steady_clock::now() + 5ms;
                                                       while (steady_clock::now() < until)
                                                         std::this_thread::yield();
                                                       return 7;
                                                     }));
    CHECK(result == 7);
  });
}

TEST_CASE("the same program sleeps to the same times, again and again") {
  const auto once = sleep_at_random(1);
  const auto again = sleep_at_random(1);
  const auto other = sleep_at_random(2);
  CHECK(once == again);
  CHECK(once != other);
}

TEST_CASE("after resume, the clock runs on from what it shows, as fast as the machine's") {
  run_with_drivers([]() -> Async<> {
    const Instant start = now();
    nara::time::pause();
    const Instant paused = now();
    CHECK(paused >= start);
    CHECK(now() == paused);
    co_await advance(10s);
    CHECK(now() == paused + 10s);
    const Instant around = steady_clock::now();
    nara::time::resume();
    const Instant first = now();
    const Instant between = steady_clock::now();
    CHECK(first >= paused + 10s);
    CHECK(first - (paused + 10s) <= between - around);
    co_await sleep(2ms);
    const Instant after = steady_clock::now();
    const Instant second = now();
    CHECK(second - first >= after - between);
    CHECK(second - first <= steady_clock::now() - around);
    step("and it can be stopped again");
    nara::time::pause();
    const Instant again = now();
    CHECK(again >= second);
    CHECK(again - second <= steady_clock::now() - after);
    co_await sleep(1h);
    CHECK(now() - again >= 1h);
    CHECK(now() - again < 1h + 1ms);
  });
}

TEST_CASE("what is wrong with a clock is a misuse that says so") {
  run_with_drivers([]() -> Async<> {
    CHECK_THROWS_WITH_AS(nara::time::resume(), doctest::Contains("resume()"), Misuse);
    bool has_thrown = false;
    try {
      co_await advance(1s);
    } catch (const Misuse& misuse) {
      has_thrown = std::string_view(misuse.what()).find("pause()") != std::string_view::npos;
    }
    CHECK(has_thrown);
    nara::time::pause();
    CHECK_THROWS_WITH_AS(nara::time::pause(), doctest::Contains("pause()"), Misuse);
    has_thrown = false;
    try {
      co_await advance(-1ns);
    } catch (const Misuse&) {
      has_thrown = true;
    }
    CHECK(has_thrown);
  });
}

TEST_CASE("to pause or resume without a runtime, or in one without a clock, is a misuse") {
  CHECK_THROWS_WITH_AS(nara::time::pause(), doctest::Contains("needs a runtime"), Misuse);
  CHECK_THROWS_WITH_AS(nara::time::resume(), doctest::Contains("needs a runtime"), Misuse);
  nara::CurrentThread executor;
  const nara::Current inside = executor.enter();
  CHECK_THROWS_WITH_AS(nara::time::pause(), doctest::Contains("enable_time()"), Misuse);
  CHECK_THROWS_WITH_AS(nara::time::resume(), doctest::Contains("enable_time()"), Misuse);
}
