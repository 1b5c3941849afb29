// A future that runs until a token is cancelled.
#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <nara/future.hpp>
#include <nara/sync/cancellation_token.hpp>
#include <stdexcept>
#include <testkit/by_hand.hpp>
#include <testkit/gate.hpp>
#include <testkit/steps.hpp>
#include <testkit/tracked.hpp>
#include <utility>

using nara::Async;
using nara::Context;
using nara::kPending;
using nara::Misuse;
using nara::Poll;
using nara::poll_fn;
using nara::sync::CancellationToken;
using nara::test::by_hand;
using nara::test::Gate;
using nara::test::step;
using nara::test::Tracked;

TEST_CASE("when the future ends before the token is cancelled, its value is given") {
  const CancellationToken token;
  Gate gate;
  const auto work = [](Gate& until) -> Async<int> {
    co_await until.wait();
    co_return 7;
  };
  auto until = by_hand(token.run_until_cancelled(work(gate)));
  CHECK(until.poll().is_pending());
  gate.open();
  CHECK(until.is_woken());
  CHECK(until.poll().value() == 7);
  CHECK_THROWS_AS((void)until.poll(), Misuse);
}

TEST_CASE("when the token is cancelled before the future ends, there is no value") {
  const CancellationToken token;
  auto until = by_hand(token.run_until_cancelled(nara::pending<int>()));
  CHECK(until.poll().is_pending());
  token.cancel();
  CHECK(until.is_woken());
  CHECK_FALSE(until.poll().value().has_value());
  CHECK_THROWS_AS((void)until.poll(), Misuse);
}

TEST_CASE("when the token is cancelled already, the future is never polled") {
  const CancellationToken token;
  int polls = 0;
  const auto work = [&](Context&) -> Poll<int> {
    ++polls;
    return 7;
  };
  step("before it is made, and before it is polled");
  auto early = by_hand(token.run_until_cancelled(poll_fn(work)));
  token.cancel();
  CHECK_FALSE(early.poll().value().has_value());
  CHECK_FALSE(by_hand(token.run_until_cancelled(poll_fn(work))).poll().value().has_value());
  CHECK(polls == 0);
}

TEST_CASE("when the future ends and the token is cancelled at once, the value wins") {
  const CancellationToken token;
  bool is_done = false;
  auto until = by_hand(token.run_until_cancelled(poll_fn([&](Context&) -> Poll<int> {
    if (is_done) return 7;
    return kPending;
  })));
  CHECK(until.poll().is_pending());
  is_done = true;
  token.cancel();
  CHECK(until.poll().value() == 7);
}

TEST_CASE("a future without a value gives a value that says nothing") {
  const CancellationToken token;
  CHECK(by_hand(token.run_until_cancelled(nara::lazy([] {}))).poll().value().has_value());
}

TEST_CASE("a future that uses up its whole budget each time can still be cancelled") {
  const CancellationToken token;
  auto until = by_hand(token.run_until_cancelled(poll_fn([](Context& context) -> Poll<void> {
    while (context.spend()) {
    }
    context.yield();
    return kPending;
  })));
  CHECK(until.poll().is_pending());
  token.cancel();
  CHECK_FALSE(until.poll().value().has_value());
}

TEST_CASE("a future that is given by its name stays the caller's when the token is cancelled") {
  const CancellationToken token;
  Gate gate;
  const auto work = [](Gate& until, Tracked kept) -> Async<int> {
    co_await until.wait();
    (void)kept;
    co_return 7;
  };
  auto future = work(gate, Tracked());
  auto until = by_hand(token.run_until_cancelled(future));
  CHECK(until.poll().is_pending());
  token.cancel();
  CHECK_FALSE(until.poll().value().has_value());
  until.cancel();
  CHECK(Tracked::alive() == 1);
  gate.open();
  CHECK(by_hand(std::move(future)).poll().value() == 7);
}

TEST_CASE("what the future throws comes out of run_until_cancelled()") {
  const CancellationToken token;
  auto until = by_hand(
      token.run_until_cancelled(nara::lazy([]() -> int { throw std::runtime_error("no luck"); })));
  CHECK_THROWS_AS((void)until.poll(), std::runtime_error);
}

TEST_CASE("a run_until_cancelled() says what its future waits for") {
  const CancellationToken token;
  nara::Trace trace;
  token.run_until_cancelled(nara::pending()).describe(trace);
  CHECK(trace.waits_for == "pending()");
}
