// The four smallest futures: ready, pending, poll_fn and lazy.
#include <doctest/doctest.h>

#include <memory>
#include <nara/future.hpp>
#include <stdexcept>
#include <string>
#include <testkit/by_hand.hpp>
#include <type_traits>

using nara::Context;
using nara::kPending;
using nara::kReady;
using nara::Misuse;
using nara::Poll;
using nara::test::by_hand;
using nara::test::step;

namespace {

struct NoPoll {
  using Output = int;
};
struct NoOutput {
  Poll<int> poll(Context&) { return 1; }
};
struct WrongOutput {
  using Output = int;
  Poll<long> poll(Context&) { return 1L; }
};

}  // namespace

static_assert(nara::Future<nara::Ready<int>>);
static_assert(nara::Future<nara::Ready<int>&>, "a reference to a future is polled as one");
static_assert(!nara::Future<const nara::Ready<int>&>, "a poll changes the future");
static_assert(!nara::Future<int>);
static_assert(!nara::Future<NoPoll>);
static_assert(!nara::Future<NoOutput>);
static_assert(!nara::Future<WrongOutput>);

TEST_CASE("ready gives its value at the first poll") {
  auto future = by_hand(nara::ready(std::string("now")));
  CHECK(future.poll().value() == "now");
  CHECK_FALSE(future.is_woken());
}

TEST_CASE("ready moves a move-only value out") {
  auto future = by_hand(nara::ready(std::make_unique<int>(7)));
  const std::unique_ptr<int> value = future.poll().value();
  CHECK(*value == 7);
}

TEST_CASE("polling ready again after it was ready is a misuse") {
  auto future = by_hand(nara::ready(1));
  CHECK(future.poll().is_ready());
  CHECK_THROWS_AS((void)future.poll(), Misuse);
}

TEST_CASE("pending is never ready, keeps no waker and wakes nobody") {
  auto future = by_hand(nara::pending<int>());
  for (int polls = 0; polls < 3; ++polls) CHECK(future.poll().is_pending());
  CHECK(future.wakers_out() == 0);
  CHECK(future.wakes() == 0);
}

TEST_CASE("poll_fn calls its function at each poll, with the context of that poll") {
  int calls = 0;
  auto future = by_hand(nara::poll_fn([&calls](Context& context) -> Poll<int> {
    context.waker().wake_by_ref();
    if (++calls < 3) return kPending;
    return calls;
  }));
  CHECK(calls == 0);
  CHECK(future.poll().is_pending());
  CHECK(future.poll().is_pending());
  CHECK(future.poll().value() == 3);
  CHECK(future.wakes() == 3);
}

TEST_CASE("poll_fn takes a function that owns something and one without a value") {
  auto future = by_hand(nara::poll_fn([owned = std::make_unique<int>(1)](Context&) -> Poll<void> {
    return --*owned < 0 ? Poll<void>(kReady) : kPending;
  }));
  CHECK(future.poll().is_pending());
  CHECK(future.poll().is_ready());
}

TEST_CASE("poll_fn never throws when its function never throws") {
  auto calm = nara::poll_fn([](Context&) noexcept -> Poll<int> { return 1; });
  auto wild = nara::poll_fn([](Context&) -> Poll<int> { throw std::runtime_error("wild"); });
  static_assert(noexcept(calm.poll(std::declval<Context&>())));
  static_assert(!noexcept(wild.poll(std::declval<Context&>())));
  auto future = by_hand(std::move(wild));
  CHECK_THROWS_AS((void)future.poll(), std::runtime_error);
}

TEST_CASE("lazy calls its function at the first poll and not before") {
  int calls = 0;
  auto future = by_hand(nara::lazy([&calls] { return ++calls; }));
  CHECK(calls == 0);
  CHECK(future.poll().value() == 1);
  CHECK(calls == 1);
}

TEST_CASE("lazy takes a function without a value") {
  bool called = false;
  auto future = by_hand(nara::lazy([&called] { called = true; }));
  CHECK(future.poll().is_ready());
  CHECK(called);
}

TEST_CASE("lazy lets an exception of its function out of the poll") {
  auto future = by_hand(nara::lazy([]() -> int { throw std::runtime_error("no"); }));
  CHECK_THROWS_WITH_AS((void)future.poll(), "no", std::runtime_error);
}

TEST_CASE("polling lazy again after it was ready is a misuse, also when its function threw") {
  auto returns = by_hand(nara::lazy([] { return 1; }));
  CHECK(returns.poll().is_ready());
  CHECK_THROWS_AS((void)returns.poll(), Misuse);
  step("the same after an exception");
  auto throws = by_hand(nara::lazy([]() -> int { throw std::runtime_error("no"); }));
  CHECK_THROWS_AS((void)throws.poll(), std::runtime_error);
  CHECK_THROWS_AS((void)throws.poll(), Misuse);
}

TEST_CASE("lazy destroys what its function owns as soon as it has run") {
  auto owned = std::make_shared<int>(1);
  auto future = by_hand(nara::lazy([owned] { return *owned; }));
  CHECK(owned.use_count() == 2);
  CHECK(future.poll().value() == 1);
  CHECK(owned.use_count() == 1);
}
