// Waiting for all: in which order, how often each is polled, and what is left.
#include <doctest/doctest.h>

#include <array>
#include <functional>
#include <list>
#include <memory>
#include <nara/join.hpp>
#include <nara/time/sleep.hpp>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <testkit/diary.hpp>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

#include "tasks.hpp"

using namespace std::chrono_literals;

using nara::Async;
using nara::Context;
using nara::join;
using nara::kPending;
using nara::kReady;
using nara::Misuse;
using nara::Poll;
using nara::poll_fn;
using nara::ready;
using nara::test::by_hand;
using nara::test::Diary;
using nara::test::Gate;
using nara::test::run;
using nara::test::run_paused;
using nara::test::step;
using nara::test::Tracked;

TEST_CASE("a join gives all values, in the order of the futures, whichever is ready first") {
  Gate first;
  Gate last;
  auto future = by_hand(join(pass(first, 1), ready(std::string("two")), pass(last, 3)));
  CHECK(future.poll().is_pending());
  last.open();
  CHECK(future.is_woken());
  CHECK(future.poll().is_pending());
  first.open();
  CHECK(future.is_woken());
  CHECK(future.poll().value() == std::tuple(1, std::string("two"), 3));
}

TEST_CASE("a join of a vector gives a vector, in the same order") {
  std::array<Gate, 3> gates;
  std::vector<Async<int>> futures;
  for (Gate& gate : gates) futures.push_back(pass(gate, static_cast<int>(futures.size())));
  auto future = by_hand(join(std::move(futures)));
  for (const std::size_t number : {2U, 0U, 1U}) {
    CHECK(future.poll().is_pending());
    gates.at(number).open();
    CHECK(future.is_woken());
  }
  CHECK(future.poll().value() == std::vector{0, 1, 2});
}

TEST_CASE("the futures of a join go on at the same time, in one task") {
  run_paused([]() -> Async<> {
    Diary diary;
    const auto nap = [](std::chrono::milliseconds time) -> Async<nara::TaskId> {
      co_await nara::time::sleep(time);
      co_return nara::current_task_id();
    };
    const auto [first, second] = co_await join(nap(20ms), nap(30ms));
    diary.note("done");
    CHECK(diary.text() == "done 30");
    CHECK(first == nara::current_task_id());
    CHECK(second == first);
  });
}

TEST_CASE("a join of nothing is ready at once") {
  static_assert(std::is_same_v<decltype(by_hand(join()))::Output, std::tuple<>>);
  CHECK(by_hand(join()).poll().is_ready());
  CHECK(by_hand(join(std::vector<Async<int>>())).poll().value().empty());
}

TEST_CASE("a future without a value gives a monostate") {
  Gate gate;
  gate.open();
  auto future = by_hand(join(gate.wait(), ready(7)));
  CHECK(future.poll().value() == std::tuple(std::monostate(), 7));
  std::vector<Gate::Wait> waits;
  waits.push_back(gate.wait());
  auto of_vector = by_hand(join(std::move(waits)));
  CHECK(of_vector.poll().value() == std::vector<std::monostate>(1));
}

TEST_CASE("a join gives values that can only be moved") {
  auto future = by_hand(join(ready(std::make_unique<int>(1)), ready(2)));
  CHECK(*std::get<0>(future.poll().value()) == 1);
  std::vector<nara::Ready<std::unique_ptr<int>>> futures;
  futures.push_back(ready(std::make_unique<int>(3)));
  CHECK(*by_hand(join(std::move(futures))).poll().value().at(0) == 3);
  std::vector<nara::Ready<bool>> bits{ready(true), ready(false)};
  CHECK(by_hand(join(std::move(bits))).poll().value() == std::vector{true, false});
}

TEST_CASE("a future that is ready is destroyed at once, and polled no more") {
  Gate open;
  open.open();
  Gate closed;
  auto future = by_hand(join(pass(open, 1, Tracked("ready")), pass(closed, 2, Tracked("waits"))));
  (void)Tracked::deaths();
  CHECK(future.poll().is_pending());
  CHECK(Tracked::deaths() == std::vector<std::string>{"ready"});
  CHECK(future.poll().is_pending());
  CHECK(open.polls() == 1);
  CHECK(closed.polls() == 2);
  closed.open();
  CHECK(future.poll().is_ready());
  CHECK(Tracked::alive() == 0);
}

TEST_CASE("a join that is destroyed destroys its futures, and the values that have come") {
  Gate gate;
  auto future = by_hand(join(ready(Tracked("value")), pass(gate, 2)));
  CHECK(future.poll().is_pending());
  CHECK(Tracked::alive() == 2);
  future.cancel();
  CHECK(Tracked::alive() == 0);
  CHECK(future.wakers_out() == 0);
}

TEST_CASE("futures that are given by their names stay the caller's, with their progress") {
  Gate gate;
  auto first = pass(gate, 1);
  auto second = pass(gate, 2);
  auto given_up = by_hand(join(first, second));
  CHECK(given_up.poll().is_pending());
  given_up.cancel();
  CHECK(Tracked::alive() == 2);
  CHECK(gate.waiting() == 2);
  gate.open();
  CHECK(by_hand(join(first, second)).poll().value() == std::tuple(1, 2));
  CHECK(gate.polls() == 4);
}

TEST_CASE("the futures of a container that is given by its name stay the caller's") {
  Gate gate;
  std::vector<Async<int>> futures;
  for (int i = 0; i < 3; ++i) futures.push_back(pass(gate, i));
  auto given_up = by_hand(join(futures));
  CHECK(given_up.poll().is_pending());
  given_up.cancel();
  CHECK(Tracked::alive() == 3);
  gate.open();
  CHECK(by_hand(join(futures)).poll().value() == std::vector{0, 1, 2});
}

TEST_CASE("the futures of a part of a container stay the caller's, too") {
  Gate gate;
  std::vector<Async<int>> futures;
  for (int i = 0; i < 3; ++i) futures.push_back(pass(gate, i));
  auto given_up = by_hand(join(std::span(futures).first(2)));
  CHECK(given_up.poll().is_pending());
  given_up.cancel();
  CHECK(Tracked::alive() == 3);
  gate.open();
  CHECK(by_hand(join(futures | std::views::drop(1))).poll().value() == std::vector{1, 2});
}

TEST_CASE("a join takes futures from any container, and from what makes them one by one") {
  std::list<nara::Ready<int>> list{ready(1), ready(2)};
  CHECK(by_hand(join(list)).poll().value() == std::vector{1, 2});
  std::array array{ready(1), ready(2)};
  CHECK(by_hand(join(std::move(array))).poll().value() == std::vector{1, 2});
  Gate gate;
  gate.open();
  const auto fetch = [&](int number) { return pass(gate, number); };
  step("made by a view");
  CHECK(by_hand(join(std::views::iota(1, 4) | std::views::transform(fetch))).poll().value() ==
        std::vector{1, 2, 3});
  step("made by a view that has a name");
  auto view = std::views::iota(1, 4) | std::views::transform(fetch);
  CHECK(by_hand(join(view)).poll().value() == std::vector{1, 2, 3});
}

TEST_CASE("what a future throws comes out of the join, and the others go with it") {
  run([]() -> Async<> {
    Gate open;
    open.open();
    Gate closed;
    bool has_thrown = false;
    try {
      (void)co_await join(pass(closed, 1), fail(open), pass(closed, 3));
    } catch (const std::runtime_error&) {
      has_thrown = true;
    }
    CHECK(has_thrown);
    CHECK(Tracked::alive() == 0);
    CHECK(closed.waiting() == 0);
  });
}

TEST_CASE("to poll a join again after it was ready is a misuse") {
  auto future = by_hand(join(ready(1)));
  CHECK(future.poll().is_ready());
  CHECK_THROWS_WITH_AS((void)future.poll(), doctest::Contains("polled again"), Misuse);
}

TEST_CASE("a future that uses up the budget in each poll does not starve the others") {
  const auto greedy = [](Context& context) -> Poll<void> {
    while (context.spend()) {
    }
    context.yield();
    return kPending;
  };
  int polls = 0;
  const auto modest = [&](Context& context) -> Poll<void> {
    if (context.spend()) {
      ++polls;
    } else {
      context.yield();
    }
    return kPending;
  };
  step("of two, the second can work every other time");
  auto pair = by_hand(join(poll_fn(greedy), poll_fn(modest)));
  for (int i = 0; i < 10; ++i) CHECK(pair.poll().is_pending());
  CHECK(polls == 5);
  step("of a vector as well");
  polls = 0;
  std::vector<nara::PollFn<std::function<Poll<void>(Context&)>>> futures;
  for (int i = 0; i < 3; ++i) futures.emplace_back(greedy);
  futures.emplace_back(modest);
  auto four = by_hand(join(std::move(futures)));
  for (int i = 0; i < 12; ++i) CHECK(four.poll().is_pending());
  CHECK(polls == 3);
}

TEST_CASE("each poll asks all that are not done, once") {
  std::vector<int> asked;
  const auto note = [&](int number) {
    return poll_fn([&asked, number](Context&) -> Poll<void> {
      asked.push_back(number);
      if (number == 1) return kReady;
      return kPending;
    });
  };
  auto future = by_hand(join(note(0), note(1), note(2)));
  for (int i = 0; i < 4; ++i) CHECK(future.poll().is_pending());
  CHECK(asked == std::vector{0, 1, 2, 2, 0, 2, 0, 0, 2});
}
