// Coroutines that await coroutines: order, depth, and the two ways to await.
#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <string>
#include <string_view>
#include <testkit/by_hand.hpp>
#include <testkit/gate.hpp>
#include <utility>
#include <vector>

#include "coroutines.hpp"

using nara::Async;
using nara::Context;
using nara::kPending;
using nara::Misuse;
using nara::Poll;
using nara::Waker;
using nara::test::by_hand;
using nara::test::Gate;
using nara::test::step;

namespace {

/// Calls itself until `depth` coroutines are on top of each other, and waits there.
Async<int> dive(int depth, Gate& gate) {
  if (depth == 1) {
    co_await gate.wait();
    co_return 1;
  }
  int below = co_await dive(depth - 1, gate);
  co_return below + 1;
}

}  // namespace

TEST_CASE("co_await of a coroutine gives what it returned") {
  auto sum = []() -> Async<int> {
    int one = co_await number(1);
    int two = co_await number(2);
    co_return one + two;
  };
  auto async = by_hand(sum());
  CHECK(async.poll().value() == 3);
}

TEST_CASE("a nested call runs when it is awaited, and its caller goes on when it returns") {
  std::vector<std::string> notes;
  auto inner = [](std::vector<std::string>& notes) -> Async<> {
    notes.push_back("inner begins");
    notes.push_back("inner ends");
    co_return;
  };
  auto outer = [&inner](std::vector<std::string>& notes) -> Async<> {
    notes.push_back("outer begins");
    Async<> call = inner(notes);
    notes.push_back("outer awaits");
    co_await std::move(call);
    notes.push_back("outer ends");
  };
  auto async = by_hand(outer(notes));
  CHECK(async.poll().is_ready());
  CHECK(notes == std::vector<std::string>{"outer begins", "outer awaits", "inner begins",
                                          "inner ends", "outer ends"});
}

TEST_CASE("a wake at depth 1000 resumes the innermost coroutine, which returns through all") {
  Gate gate;
  auto async = by_hand(dive(1000, gate));
  CHECK(async.poll().is_pending());
  gate.open();
  CHECK(async.wakes() == 1);
  CHECK(async.poll().value() == 1000);
}

TEST_CASE("a million nested calls in a row do not use up the stack") {
  constexpr int kCalls = 1'000'000;
  auto sum = []() -> Async<int> {
    int sum = 0;
    for (int i = 0; i < kCalls; ++i) {
      int one = co_await number(1);
      sum += one;
    }
    co_return sum;
  };
  auto async = by_hand(sum());
  CHECK(async.poll().value() == kCalls);
}

TEST_CASE("a chain of 100,000 coroutines is called, resumed and returned from on a flat stack") {
  Gate gate;
  auto async = by_hand(dive(100'000, gate));
  CHECK(async.poll().is_pending());
  gate.open();
  CHECK(async.poll().value() == 100'000);
}

TEST_CASE("a started Async can be awaited by name, left, and awaited again") {
  Gate gate;
  Async<int> child = wait_then(gate, 7);
  auto impatient = [](Async<int>& child) -> Async<bool> {
    // Asks once and does not wait for the answer.
    bool ready = co_await nara::poll_fn(
        [&child](Context& context) -> Poll<bool> { return child.poll(context).is_ready(); });
    co_return ready;
  };
  auto patient = [](Async<int>& child) -> Async<int> {
    int value = co_await child;
    co_return value;
  };
  step("poll the child once, from a coroutine that does not wait for it");
  auto first = by_hand(impatient(child));
  CHECK_FALSE(first.poll().value());
  step("await it by name, in another coroutine");
  auto second = by_hand(patient(child));
  CHECK(second.poll().is_pending());
  gate.open();
  CHECK(second.is_woken());
  CHECK(second.poll().value() == 7);
}

TEST_CASE("an Async that was awaited by name can be cancelled by another coroutine") {
  Gate gate;
  auto child = std::make_unique<Async<int>>(wait_then(gate, 7));
  const Waker waker = Waker::noop();
  Context context(waker);
  CHECK(child->poll(context).is_pending());
  CHECK(gate.waiting() == 1);
  child.reset();
  CHECK(gate.waiting() == 0);
}

TEST_CASE("an Async that has been polled may also be moved into a co_await") {
  Gate gate;
  Async<int> child = wait_then(gate, 7);
  const Waker waker = Waker::noop();
  Context context(waker);
  CHECK(child.poll(context).is_pending());
  auto finish = [](Async<int> child) -> Async<int> {
    int value = co_await std::move(child);
    co_return value;
  };
  auto async = by_hand(finish(std::move(child)));
  CHECK(async.poll().is_pending());
  gate.open();
  CHECK(async.is_woken());
  CHECK(async.poll().value() == 7);
}

TEST_CASE("awaiting an Async twice is a misuse, by name and by value") {
  auto twice_by_name = []() -> Async<int> {
    Async<int> child = number(1);
    int first = co_await child;
    int second = co_await child;
    co_return first + second;
  };
  auto twice_by_value = []() -> Async<int> {
    Async<int> child = number(1);
    int first = co_await std::move(child);
    int second = co_await std::move(child);
    co_return first + second;
  };
  CHECK_THROWS_AS((void)by_hand(twice_by_name()).poll(), Misuse);
  CHECK_THROWS_AS((void)by_hand(twice_by_value()).poll(), Misuse);
}

TEST_CASE("a coroutine awaits any future: a class of one's own, by value or by name") {
  struct Twice {
    using Output = int;
    explicit Twice(int left) : left(left) {}
    Poll<int> poll(Context& context) noexcept {
      if (left-- == 0) return 7;
      context.waker().wake_by_ref();
      return kPending;
    }
    int left;
  };
  auto both = []() -> Async<int> {
    int by_value = co_await Twice(1);
    Twice named(1);
    int by_name = co_await named;
    co_return by_value + by_name;
  };
  auto async = by_hand(both());
  CHECK(async.poll().is_pending());
  CHECK(async.poll().is_pending());
  CHECK(async.poll().value() == 14);
}

TEST_CASE("the trace of a suspended coroutine names every co_await, the outermost first") {
  Gate gate;
  Async<int> async = dive(3, gate);
  CHECK(async.trace().stops.empty());
  const Waker waker = Waker::noop();
  Context context(waker);
  CHECK(async.poll(context).is_pending());
  const std::vector<std::source_location> trace = async.trace().stops;
  REQUIRE(trace.size() == 3);
  for (const std::source_location& where : trace) {
    CHECK(std::string_view(where.file_name()).ends_with("nesting.cpp"));
  }
  CHECK(trace[0].line() == trace[1].line());
  CHECK(trace[2].line() < trace[1].line());
  gate.open();
  CHECK(async.poll(context).is_ready());
  CHECK(async.trace().stops.empty());
}

TEST_CASE("the trace goes on into an Async that is awaited by name") {
  Gate gate;
  const auto outer = [](Gate& gate) -> Async<int> {
    Async<int> inner = dive(2, gate);
    const int depth = co_await inner;
    co_return depth;
  };
  Async<int> async = outer(gate);
  const Waker waker = Waker::noop();
  Context context(waker);
  CHECK(async.poll(context).is_pending());
  CHECK(async.trace().stops.size() == 3);
  CHECK(async.trace().waits_for == "Gate::wait");
}

namespace {
struct Quiet {
  using Output = void;
  Poll<void> poll(Context&) noexcept { return kPending; }
};
}  // namespace

TEST_CASE("the trace says what is waited for: a future's own words, or its type") {
  const auto wait_for = [](auto future) -> Async<> { co_await future; };
  const Waker waker = Waker::noop();
  Context context(waker);
  Async<> quiet = wait_for(Quiet{});
  CHECK(quiet.poll(context).is_pending());
  CHECK(quiet.trace().waits_for.ends_with("Quiet"));
  Async<> never = wait_for(nara::pending<void>());
  CHECK(never.poll(context).is_pending());
  CHECK(never.trace().waits_for == "pending()");
}
