// An exception goes through co_await like through a call.
#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <stdexcept>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/gate.hpp>
#include <vector>

using nara::Async;
using nara::Context;
using nara::kPending;
using nara::Misuse;
using nara::Poll;
using nara::test::by_hand;
using nara::test::Gate;
using nara::test::step;
using nara::test::Tracked;

namespace {

struct Lost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

Async<int> fail() {
  throw Lost("before the first suspension");
  co_return 0;
}

Async<int> wait_then_fail(Gate& gate) {
  const Tracked local("thrower");
  co_await gate.wait();
  throw Lost("after it");
}

Async<int> pass_on(int depth, Gate& gate) {
  const Tracked local("passed through");
  if (depth == 0) {
    int never = co_await wait_then_fail(gate);
    co_return never;
  }
  int never = co_await pass_on(depth - 1, gate);
  co_return never;
}

/// A future that is pending once and then throws from its poll.
class ThrowsLater {
 public:
  using Output = int;

  Poll<int> poll(Context& context) {
    if (polled_) throw Lost("from a later poll");
    polled_ = true;
    context.waker().wake_by_ref();
    return kPending;
  }

 private:
  bool polled_ = false;
};

}  // namespace

TEST_CASE("an exception leaves the poll of the root with its own type") {
  auto async = by_hand(fail());
  CHECK_THROWS_WITH_AS((void)async.poll(), "before the first suspension", Lost);
  step("the Async has ended");
  CHECK_THROWS_AS((void)async.poll(), Misuse);
}

TEST_CASE("an exception goes up through every co_await, and destroys every local on its way") {
  Gate gate;
  auto async = by_hand(pass_on(10, gate));
  CHECK(async.poll().is_pending());
  CHECK(Tracked::alive() == 12);
  gate.open();
  CHECK_THROWS_WITH_AS((void)async.poll(), "after it", Lost);
  CHECK(Tracked::alive() == 0);
  const std::vector<std::string> deaths = Tracked::deaths();
  CHECK(deaths.front() == "thrower");
}

TEST_CASE("a coroutine catches what a nested call throws, and goes on") {
  Gate gate;
  gate.open();
  auto careful = [](Gate& gate) -> Async<std::string> {
    std::string caught;
    try {
      co_await wait_then_fail(gate);
    } catch (const Lost& lost) {
      caught = lost.what();
    }
    int after = co_await nara::ready(1);
    co_return caught + ", " + std::to_string(after);
  };
  auto async = by_hand(careful(gate));
  CHECK(async.poll().value() == "after it, 1");
  Tracked::deaths();
}

TEST_CASE("a future that throws from its first poll throws at the co_await") {
  auto careful = []() -> Async<bool> {
    try {
      co_await nara::poll_fn([](Context&) -> Poll<int> { throw Lost("from the first poll"); });
    } catch (const Lost&) {
      co_return true;
    }
    co_return false;
  };
  CHECK(by_hand(careful()).poll().value());
}

TEST_CASE("a future that throws from a later poll throws at the co_await, not out of the poll") {
  auto careful = []() -> Async<std::string> {
    std::string caught;
    try {
      co_await ThrowsLater();
    } catch (const Lost& lost) {
      caught = lost.what();
    }
    co_return caught;
  };
  auto async = by_hand(careful());
  CHECK(async.poll().is_pending());
  CHECK(async.poll().value() == "from a later poll");
}

TEST_CASE("an exception in an Async that is awaited by name comes out of that co_await") {
  auto careful = []() -> Async<bool> {
    Async<int> child = fail();
    try {
      co_await child;
    } catch (const Lost&) {
      co_return true;
    }
    co_return false;
  };
  CHECK(by_hand(careful()).poll().value());
}
