// A future with a limit: which of the two wins, and what becomes of the other.
#include <doctest/doctest.h>

#include <memory>
#include <nara/misuse.hpp>
#include <nara/time/timeout.hpp>
#include <stdexcept>
#include <system_error>
#include <testkit/by_hand.hpp>
#include <testkit/gate.hpp>
#include <utility>

#include "paused.hpp"

using namespace std::chrono_literals;

using nara::Async;
using nara::kPending;
using nara::pending;
using nara::Poll;
using nara::ready;
using nara::test::by_hand;
using nara::test::Gate;
using nara::test::run_paused;
using nara::test::step;
using nara::test::Tracked;
using nara::time::Duration;
using nara::time::Elapsed;
using nara::time::Instant;
using nara::time::now;
using nara::time::sleep;
using nara::time::timeout;
using nara::time::timeout_at;

namespace {

Async<int> give_after(Duration duration, int number) {
  co_await sleep(duration);
  co_return number;
}

}  // namespace

TEST_CASE("a value that is there wins, even when the time is long over") {
  run_paused([]() -> Async<> {
    const auto value = co_await timeout_at(now() - 1h, ready(7));
    CHECK(value == 7);
    step("both at the same moment");
    const auto tie = co_await timeout(10ms, give_after(10ms, 7));
    CHECK(tie == 7);
  });
}

TEST_CASE("a future that is not ready in time gives Elapsed, and its task is woken for that") {
  in_paused([](auto& runtime) {
    auto future = by_hand(timeout(10ms, pending<int>()));
    CHECK(future.poll().is_pending());
    move_clock(runtime, 9ms);
    CHECK_FALSE(future.is_woken());
    move_clock(runtime, 1ms);
    CHECK(future.is_woken());
    const auto result = future.poll().value();
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error() == Elapsed());
  });
}

TEST_CASE("a future that is ready in time gives its value, and nobody sleeps any more") {
  run_paused([]() -> Async<> {
    const Instant start = now();
    {
      const auto result = co_await timeout(1h, give_after(10ms, 7));
      CHECK(result == 7);
    }
    CHECK(now() - start == 10ms);
  });
}

TEST_CASE("the longest timeout waits for decades, and gives the value then") {
  in_paused([](auto& runtime) {
    Gate gate;
    auto future = by_hand(timeout(Duration::max(), gate.wait()));
    CHECK(future.poll().is_pending());
    move_clock(runtime, 24h * 365 * 10);
    CHECK_FALSE(future.is_woken());
    CHECK(future.poll().is_pending());
    gate.open();
    CHECK(future.poll().value().has_value());
  });
}

TEST_CASE("a future that is given by its name stays the caller's, who can go on with it") {
  run_paused([]() -> Async<> {
    auto work = give_after(10ms, 7);
    const auto too_short = co_await timeout(4ms, work);
    CHECK_FALSE(too_short.has_value());
    const auto enough = co_await timeout(6ms, work);
    CHECK(enough == 7);
  });
}

TEST_CASE("a future whose time is over is destroyed with its timeout, not before") {
  in_paused([](auto& runtime) {
    Gate gate;
    const auto body = [](Gate& gate, Tracked kept) -> Async<> {
      co_await gate.wait();
      (void)kept;
    };
    auto future = by_hand(timeout(10ms, body(gate, Tracked())));
    CHECK(future.poll().is_pending());
    move_clock(runtime, 10ms);
    CHECK_FALSE(future.poll().value().has_value());
    CHECK(Tracked::alive() == 1);
    future.cancel();
    CHECK(Tracked::alive() == 0);
    CHECK(gate.waiting() == 0);
  });
}

TEST_CASE("a timeout may be inside of another: the shorter one decides") {
  run_paused([]() -> Async<> {
    const Instant start = now();
    const auto inner = co_await timeout(10ms, timeout(5ms, pending()));
    REQUIRE(inner.has_value());
    CHECK_FALSE(inner->has_value());
    CHECK(now() - start == 5ms);
    const auto outer = co_await timeout(5ms, timeout(10ms, pending()));
    CHECK_FALSE(outer.has_value());
    CHECK(now() - start == 10ms);
  });
}

TEST_CASE("a future that uses up the whole budget in each poll does not escape its timeout") {
  in_paused([](auto& runtime) {
    auto future = by_hand(timeout(10ms, nara::poll_fn([](nara::Context& context) -> Poll<void> {
                                    while (context.spend()) {
                                    }
                                    context.yield();
                                    return kPending;
                                  })));
    CHECK(future.poll().is_pending());
    move_clock(runtime, 9ms);
    CHECK(future.poll().is_pending());
    move_clock(runtime, 1ms);
    CHECK(future.poll().is_ready());
  });
}

TEST_CASE("what the future throws comes out of the timeout") {
  run_paused([]() -> Async<> {
    const auto fail = []() -> Async<> {
      co_await sleep(1ms);
      throw std::runtime_error("no luck");
    };
    bool has_thrown = false;
    try {
      (void)co_await timeout(10ms, fail());
    } catch (const std::runtime_error&) {
      has_thrown = true;
    }
    CHECK(has_thrown);
  });
}

TEST_CASE("a timeout gives values that can only be moved") {
  run_paused([]() -> Async<> {
    auto result = co_await timeout(10ms, ready(std::make_unique<int>(7)));
    REQUIRE(result.has_value());
    CHECK(**result == 7);
  });
}

TEST_CASE("Elapsed is the error code of a system call that took too long") {
  const std::error_code code = Elapsed();
  CHECK(code == std::errc::timed_out);
}

TEST_CASE("a coroutine with timeouts can be destroyed wherever it waits, and nothing is left") {
  in_paused([](auto& runtime) {
    const auto body = [](Tracked kept) -> Async<> {
      const auto first = co_await timeout(10ms, give_after(1ms, 7));
      CHECK(first == 7);
      const auto second = co_await timeout(10ms, pending());
      CHECK_FALSE(second.has_value());
      (void)kept;
    };
    const int suspensions = nara::test::destroy_at_every_suspension(
        [&] { return body(Tracked()); }, [&](int) { move_clock(runtime, 10ms); });
    CHECK(suspensions == 2);
  });
}

TEST_CASE("a timeout without a runtime is a misuse") {
  CHECK_THROWS_WITH_AS((void)timeout(1ms, ready(7)), doctest::Contains("timeout() needs a runtime"),
                       nara::Misuse);
  CHECK_THROWS_WITH_AS((void)timeout_at(Instant(), ready(7)),
                       doctest::Contains("timeout_at() needs a runtime"), nara::Misuse);
}

TEST_CASE("who looks at a task in a timeout sees what the future inside waits for") {
  in_paused([](auto&) {
    Gate gate;
    auto future = by_hand(timeout(10ms, gate.wait()));
    CHECK(future.poll().is_pending());
    nara::Trace trace;
    nara::detail::describe(future.future(), trace);
    CHECK(trace.waits_for == "Gate::wait");
  });
}
