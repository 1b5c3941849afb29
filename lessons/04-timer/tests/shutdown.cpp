// Sleepers that are torn down before their time: their task was aborted, or their runtime goes.
#include <doctest/doctest.h>

#include <memory>
#include <nara/future.hpp>
#include <nara/misuse.hpp>
#include <nara/spawn.hpp>
#include <nara/time/interval.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <optional>
#include <string>
#include <testkit/by_hand.hpp>

#include "paused.hpp"

using namespace std::chrono_literals;

using nara::Async;
using nara::JoinHandle;
using nara::Misuse;
using nara::Runtime;
using nara::test::by_hand;
using nara::test::let_run;
using nara::test::run_paused;
using nara::test::step;
using nara::time::now;
using nara::time::sleep;

namespace {

/// What a misuse says when `who` is polled without its runtime.
doctest::Contains says_gone(const char* who) {
  return doctest::Contains(
      (who + std::string(" was polled, but its runtime is shut down")).c_str());
}

}  // namespace

TEST_CASE("an aborted task that sleeps is torn down at once, not when its time is over") {
  run_paused([]() -> Async<> {
    const auto start = now();
    const auto shared = std::make_shared<int>(7);
    {
      JoinHandle<void> task = nara::spawn([shared]() -> Async<> {
        co_await sleep(1h);
        (void)shared;
      });
      co_await let_run();
      REQUIRE(shared.use_count() == 2);
      task.abort();
    }
    co_await let_run();
    CHECK(shared.use_count() == 1);
    CHECK(now() == start);
  });
}

TEST_CASE("who sleeps in a runtime that is shut down is woken, and to poll is a misuse then") {
  for (const bool is_paused : {false, true}) {
    std::optional<Runtime> runtime =
        Runtime::Builder::current_thread().enable_all().start_paused(is_paused).build().value();
    const auto inside = [&](auto make) {
      const nara::Current guard = runtime->enter();
      return make();
    };
    auto waiting = by_hand(inside([] { return sleep(1h); }));
    auto never_polled = by_hand(inside([] { return sleep(1h); }));
    auto elapsed = by_hand(inside([] { return sleep(0ms); }));
    auto interval = inside([] { return nara::time::interval_at(now() + 1h, 1h); });
    auto tick = by_hand(interval.tick());
    auto timeout = by_hand(inside([] { return nara::time::timeout(1h, nara::pending()); }));
    CHECK(waiting.poll().is_pending());
    CHECK(tick.poll().is_pending());
    CHECK(timeout.poll().is_pending());
    if (elapsed.poll().is_pending()) {
      runtime->block_on([]() -> Async<> { co_await sleep(2ms); });
      CHECK(elapsed.poll().is_ready());
    }
    step("shut it down");
    runtime.reset();
    CHECK(waiting.is_woken());
    CHECK(tick.is_woken());
    CHECK(timeout.is_woken());
    for (auto* each : {&waiting, &never_polled}) {
      CHECK_THROWS_WITH_AS((void)each->poll(), says_gone("sleep()"), Misuse);
      CHECK(each->wakers_out() == 0);
      CHECK_FALSE(each->future().is_elapsed());
    }
    CHECK_THROWS_WITH_AS((void)tick.poll(), says_gone("Interval::tick()"), Misuse);
    CHECK_THROWS_WITH_AS((void)timeout.poll(), says_gone("timeout()"), Misuse);
    step("what was ready stays ready, and a reset does not help");
    CHECK(elapsed.poll().is_ready());
    waiting.future().reset(now() + 1h);
    CHECK_THROWS_AS((void)waiting.poll(), Misuse);
  }
}
