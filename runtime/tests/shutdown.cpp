// How a runtime ends, and what becomes of what belonged to it.
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <nara/async.hpp>
#include <nara/misuse.hpp>
#include <nara/run_blocking.hpp>
#include <nara/runtime.hpp>
#include <nara/time/sleep.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <semaphore>
#include <testkit/by_hand.hpp>
#include <testkit/last_words.hpp>
#include <testkit/steps.hpp>
#include <thread>

#include "io.hpp"

using namespace std::chrono_literals;

using nara::Async;
using nara::Misuse;
using nara::Runtime;
using nara::test::step;
using nara::test::Tracked;
using std::chrono::steady_clock;

namespace {

/// A job that works until it is let go, on a thread of its own.
class StuckJob {
 public:
  StuckJob() = default;
  StuckJob(const StuckJob&) = delete;
  StuckJob& operator=(const StuckJob&) = delete;
  ~StuckJob() {
    may_end_.release();
    has_ended_.acquire();
  }

  void begin_in(Runtime& runtime) {
    const nara::Current inside = runtime.enter();
    (void)nara::run_blocking([this] {
      may_end_.acquire();
      has_ended_.release();
    });
  }

 private:
  std::binary_semaphore may_end_{0};
  std::binary_semaphore has_ended_{0};
};

/// Gives a runtime a job that takes a moment. Says whether it is over.
std::shared_ptr<std::atomic<bool>> begin_short_job(Runtime& runtime) {
  auto is_over = std::make_shared<std::atomic<bool>>(false);
  const nara::Current inside = runtime.enter();
  (void)nara::run_blocking([is_over] {
    for (int i = 0; i < 1'000; ++i) std::this_thread::yield();
    *is_over = true;
  });
  return is_over;
}

/// A runtime with a task that waits, and keeps something.
Runtime busy() {
  Runtime runtime = Runtime::create().value();
  (void)runtime.spawn([kept = Tracked()]() -> Async<> { co_await nara::time::sleep(1h); });
  return runtime;
}

}  // namespace

TEST_CASE("a runtime that goes destroys all its tasks before") {
  {
    Runtime runtime = busy();
    runtime.block_on(nara::yield_now());
    CHECK(Tracked::alive() == 1);
  }
  CHECK(Tracked::alive() == 0);
}

TEST_CASE("each way to shut down destroys all tasks") {
  busy().shutdown_background();
  CHECK(Tracked::alive() == 0);
  busy().shutdown_timeout(0ms);
  CHECK(Tracked::alive() == 0);
  busy().shutdown_timeout(1h);
  CHECK(Tracked::alive() == 0);
}

TEST_CASE("inside of a task, a runtime may be built, and shut down without waiting") {
  Runtime outer = Runtime::create().value();
  outer.block_on([]() -> Async<> {
    busy().shutdown_background();
    busy().shutdown_timeout(0ms);
    CHECK(Tracked::alive() == 0);
    co_return;
  });
}

TEST_CASE(
    "inside of a task, to destroy a runtime is a misuse, and its tasks are gone all the same") {
  Runtime outer = Runtime::create().value();
  outer.block_on([]() -> Async<> {
    const auto build_and_destroy = [] { const Runtime inner = busy(); };
    CHECK_THROWS_WITH_AS(build_and_destroy(), doctest::Contains("shutdown_background()"), Misuse);
    CHECK(Tracked::alive() == 0);
    step("the outer runtime is as it was");
    co_await nara::time::sleep(1ms);
  });
}

TEST_CASE("inside of a task, to destroy a runtime in what must not throw ends the program") {
  const auto die_with = [](auto make_owner) {
    return nara::test::last_words([&] {
      Runtime::create().value().block_on([&]() -> Async<> {
        {
          const auto owner = make_owner(busy());
        }
        co_return;
      });
    });
  };
  const auto in_pointer = [](Runtime inner) { return std::make_unique<Runtime>(std::move(inner)); };
  const auto in_optional = [](Runtime inner) { return std::optional<Runtime>(std::move(inner)); };
  CHECK(die_with(in_pointer).contains("shutdown_background()"));
  CHECK(die_with(in_optional).contains("shutdown_background()"));
}

TEST_CASE("a runtime that goes because of an error inside of a task does not hide that error") {
  Runtime outer = Runtime::create().value();
  outer.block_on([]() -> Async<> {
    const auto build_and_block = [] { busy().block_on(nara::ready(7)); };
    CHECK_THROWS_WITH_AS(build_and_block(), doctest::Contains("block_on() was called"), Misuse);
    CHECK(Tracked::alive() == 0);
    co_return;
  });
}

TEST_CASE("inside of a task, to wait for a runtime's end is a misuse, and the runtime stays") {
  Runtime outer = Runtime::create().value();
  Runtime inner = busy();
  outer.block_on([&]() -> Async<> {
    CHECK_THROWS_WITH_AS(std::move(inner).shutdown_timeout(1s),
                         doctest::Contains("shutdown_background()"), Misuse);
    CHECK(Tracked::alive() == 1);
    co_return;
  });
  CHECK(inner.block_on(nara::ready(7)) == 7);
}

TEST_CASE("inside of a guard that runs no tasks, a runtime may be destroyed") {
  const Runtime outer = Runtime::create().value();
  const nara::Current inside = outer.enter();
  {
    const Runtime inner = busy();
  }
  CHECK(Tracked::alive() == 0);
}

TEST_CASE("a runtime that goes waits for the jobs that were begun for it") {
  std::shared_ptr<std::atomic<bool>> is_over;
  {
    Runtime runtime = Runtime::create().value();
    is_over = begin_short_job(runtime);
  }
  CHECK(*is_over);
}

TEST_CASE("shutdown_timeout waits for a job, but not for longer than it is told") {
  StuckJob job;
  Runtime runtime = Runtime::create().value();
  job.begin_in(runtime);
  const auto start = steady_clock::now();
  std::move(runtime).shutdown_timeout(20ms);
  CHECK(steady_clock::now() - start >= 20ms);
}

TEST_CASE("shutdown_background and a timeout of zero do not wait for a job that is stuck") {
  StuckJob first;
  StuckJob second;
  Runtime one = Runtime::create().value();
  Runtime other = Runtime::create().value();
  first.begin_in(one);
  second.begin_in(other);
  std::move(one).shutdown_background();
  std::move(other).shutdown_timeout(0ms);
}

TEST_CASE("the longest timeouts wait until the job is over, and no longer") {
  for (const auto timeout : {std::chrono::nanoseconds(1h), std::chrono::nanoseconds::max()}) {
    Runtime runtime = Runtime::create().value();
    const auto is_over = begin_short_job(runtime);
    std::move(runtime).shutdown_timeout(timeout);
    CHECK(*is_over);
  }
}

TEST_CASE("a runtime that has slept, and has nothing left to do, is shut down at once") {
  Runtime runtime = Runtime::create().value();
  runtime.block_on([]() -> Async<> { co_await nara::time::sleep(1ms); });
  (void)runtime.spawn([]() -> Async<> { co_await nara::time::sleep(1h); });
  runtime.block_on(nara::yield_now());
  std::move(runtime).shutdown_timeout(24h * 365);
}

TEST_CASE("a bell of a runtime that is gone fails at once in another, and says why") {
  std::optional<Runtime> first(Runtime::create().value());
  Runtime second = Runtime::create().value();
  const Bell bell = first->block_on([]() -> Async<Bell> { co_return make_bell(); });
  nara::JoinHandle<void> waiting = second.spawn([&]() -> Async<> {
    step("it begins to wait while its runtime is there");
    const auto ready = co_await bell.readable();
    REQUIRE_FALSE(ready.has_value());
    CHECK(nara::io::is_shutdown(ready.error()));
  });
  second.block_on(nara::yield_now());
  first.reset();
  CHECK(second.block_on(waiting).has_value());
  second.block_on([&]() -> Async<> {
    step("it begins to wait when its runtime is gone");
    const auto ready = co_await bell.readable();
    REQUIRE_FALSE(ready.has_value());
    CHECK(nara::io::is_shutdown(ready.error()));
  });
}
