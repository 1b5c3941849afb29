// The tests of 01-2. A gate stands before each future: the test decides when it opens.
#include <doctest/doctest.h>

#include <combinators.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/gate.hpp>
#include <testkit/tracked.hpp>

using nara::Context;
using nara::kPending;
using nara::Poll;
using nara::ready;
using nara::test::by_hand;
using nara::test::Gate;
using nara::test::step;
using nara::test::Tracked;

namespace {

/// Pending until its gate is open, then ready with `value`, once.
template <class T>
class Behind {
 public:
  using Output = T;

  Behind(Gate& gate, T value) : wait_(gate.wait()), value_(std::move(value)) {}

  Poll<T> poll(Context& context) {
    if (was_ready_) throw nara::Misuse("this future was polled again after it was ready");
    if (wait_.poll(context).is_pending()) return kPending;
    was_ready_ = true;
    return std::move(value_);
  }

 private:
  Tracked alive_;
  Gate::Wait wait_;
  T value_;
  bool was_ready_ = false;
};

int twice(int value) { return 2 * value; }

}  // namespace

TEST_CASE("01-2 Combinators: map gives what its function makes of the value") {
  step("map ready(21) to twice its value");
  auto future = by_hand(map(ready(21), twice));
  step("poll it: ready with 42");
  Poll<int> answer = future.poll();
  REQUIRE(answer.is_ready());
  CHECK(answer.value() == 42);
}

TEST_CASE("01-2 Combinators: map is pending as long as its future is, and passes the waker on") {
  Gate gate;
  int calls = 0;
  step("make a map of a future that is behind a gate");
  auto future = by_hand(map(Behind(gate, 21), [&calls](int value) {
    ++calls;
    return twice(value);
  }));
  step("nobody has polled it, so nothing has happened yet");
  REQUIRE(gate.polls() == 0);
  step("poll it: pending; the gate keeps the waker, which nobody has woken yet");
  REQUIRE(future.poll().is_pending());
  REQUIRE(future.wakers_out() == 1);
  REQUIRE_FALSE(future.is_woken());
  REQUIRE(calls == 0);
  step("open the gate: the one who polled is woken");
  gate.open();
  REQUIRE(future.is_woken());
  step("poll it: ready with 42; the function was called once");
  Poll<int> answer = future.poll();
  REQUIRE(answer.is_ready());
  CHECK(answer.value() == 42);
  CHECK(calls == 1);
}

TEST_CASE("01-2 Combinators: map takes values and functions that can only be moved") {
  step("map a unique_ptr with a function that owns another");
  auto future = by_hand(map(ready(std::make_unique<int>(40)),
                            [two = std::make_unique<int>(2)](std::unique_ptr<int> value) {
                              *value += *two;
                              return value;
                            }));
  step("poll it: ready with a unique_ptr to 42");
  Poll<std::unique_ptr<int>> answer = future.poll();
  REQUIRE(answer.is_ready());
  CHECK(*answer.value() == 42);
}

TEST_CASE("01-2 Combinators: and_then gives what the second future gives") {
  step("ready(20), and then a future that is ready with one more");
  auto future = by_hand(and_then(ready(20), [](int value) { return ready(value + 1); }));
  step("poll it: both are ready at once, so it is ready with 21");
  Poll<int> answer = future.poll();
  REQUIRE(answer.is_ready());
  CHECK(answer.value() == 21);
}

TEST_CASE("01-2 Combinators: and_then waits for the first future, then for the second") {
  Gate first_gate;
  Gate second_gate;
  int calls = 0;
  step("make two futures behind two gates, one and then the other");
  auto future = by_hand(and_then(Behind(first_gate, 20), [&](int value) {
    ++calls;
    return Behind(second_gate, value + 1);
  }));
  step("nobody has polled it, so nothing has happened yet");
  REQUIRE(first_gate.polls() == 0);
  step("poll it: pending; the first gate keeps the waker, and there is no second future");
  REQUIRE(future.poll().is_pending());
  REQUIRE(future.wakers_out() == 1);
  REQUIRE_FALSE(future.is_woken());
  REQUIRE(calls == 0);
  step("open the first gate: the one who polled is woken");
  first_gate.open();
  REQUIRE(future.is_woken());
  step("poll it: pending; the same poll has asked the second future, which keeps the waker");
  REQUIRE(future.poll().is_pending());
  REQUIRE(calls == 1);
  REQUIRE(second_gate.polls() == 1);
  REQUIRE(future.wakers_out() == 1);
  REQUIRE_FALSE(future.is_woken());
  step("poll it, though nobody was woken: pending; only the second future is asked");
  REQUIRE(future.poll().is_pending());
  REQUIRE(first_gate.polls() == 2);
  REQUIRE(second_gate.polls() == 2);
  step("open the second gate, and poll: ready with 21; the function was called once");
  second_gate.open();
  REQUIRE(future.is_woken());
  Poll<int> answer = future.poll();
  REQUIRE(answer.is_ready());
  CHECK(answer.value() == 21);
  CHECK(calls == 1);
}

TEST_CASE("01-2 Combinators: when and_then asks the second future, the first is destroyed") {
  Gate gate;
  gate.open();
  step("make a first future, then one that looks whether the first is still alive");
  auto future = by_hand(and_then(Behind(gate, 1), [](int) {
    return nara::poll_fn([](Context&) -> Poll<int> { return Tracked::alive(); });
  }));
  REQUIRE(Tracked::alive() == 1);
  step("poll it: when the second was asked, no first future was alive");
  Poll<int> futures_alive = future.poll();
  REQUIRE(futures_alive.is_ready());
  CHECK(futures_alive.value() == 0);
}

TEST_CASE("01-2 Combinators: and_then takes values and functions that can only be moved") {
  step("a unique_ptr, then a function that owns another");
  auto future = by_hand(and_then(ready(std::make_unique<int>(40)),
                                 [two = std::make_unique<int>(2)](std::unique_ptr<int> value) {
                                   *value += *two;
                                   return ready(std::move(value));
                                 }));
  step("poll it: ready with a unique_ptr to 42");
  Poll<std::unique_ptr<int>> answer = future.poll();
  REQUIRE(answer.is_ready());
  CHECK(*answer.value() == 42);
}

TEST_CASE("01-2 Combinators: futures made of futures can be made into further ones") {
  Gate gate;
  step("10 behind a gate, then twice that behind the same gate, then that as text, in brackets");
  auto number = and_then(Behind(gate, 10), [&](int value) { return Behind(gate, twice(value)); });
  auto text = map(std::move(number), [](int value) { return std::to_string(value); });
  auto future = by_hand(map(std::move(text), [](std::string text) { return "[" + text + "]"; }));
  step("poll it: pending; the one waker goes down through all of them");
  REQUIRE(future.poll().is_pending());
  REQUIRE(future.wakers_out() == 1);
  step("open the gate, and poll: ready with [20]");
  gate.open();
  Poll<std::string> answer = future.poll();
  REQUIRE(answer.is_ready());
  CHECK(answer.value() == "[20]");
}

TEST_CASE("01-2 Combinators: an exception of the function comes out of the poll") {
  step("map and and_then, each with a function that throws");
  auto fail = [](int) -> int { throw std::runtime_error("no such number"); };
  auto fail_then = [](int) -> nara::Ready<int> { throw std::runtime_error("no such future"); };
  auto mapped = by_hand(map(ready(1), fail));
  auto chained = by_hand(and_then(ready(1), fail_then));
  step("poll both: both throw");
  CHECK_THROWS_WITH((void)mapped.poll(), "no such number");
  CHECK_THROWS_WITH((void)chained.poll(), "no such future");
}

TEST_CASE("01-2 Combinators: destroyed at any point, they leave nothing behind") {
  Gate first_gate;
  Gate second_gate;
  const int points = nara::test::destroy_at_every_suspension(
      [&] {
        first_gate.close();
        second_gate.close();
        auto chained =
            and_then(Behind(first_gate, 1), [&](int value) { return Behind(second_gate, value); });
        return map(std::move(chained), twice);
      },
      [&](int pending) { (pending == 1 ? first_gate : second_gate).open(); });
  step("there were two points at which it was pending");
  CHECK(points == 2);
  CHECK(first_gate.waiting() == 0);
  CHECK(second_gate.waiting() == 0);
}
