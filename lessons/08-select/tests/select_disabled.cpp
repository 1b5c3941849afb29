// Branches that do not take part: from the start, or because their value does not count.
#include <doctest/doctest.h>

#include <expected>
#include <memory>
#include <nara/select.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "tasks.hpp"

using nara::Context;
using nara::Misuse;
using nara::on;
using nara::pending;
using nara::Poll;
using nara::poll_fn;
using nara::ready;
using nara::select;
using nara::select_biased;
using nara::some;
using nara::when;
using nara::test::by_hand;
using nara::test::Gate;
using nara::test::step;
using nara::test::Tracked;

namespace {

/// Gives nothing as soon as the gate is open.
nara::Async<std::optional<int>> pass_nothing(Gate& gate) {
  co_await gate.wait();
  co_return std::nullopt;
}

}  // namespace

TEST_CASE("a branch whose condition does not hold is never polled") {
  Gate disabled;
  disabled.open();
  Gate gate;
  for (int i = 0; i < 50; ++i) {
    auto future = by_hand(select(when(false, disabled.wait()), gate.wait()));
    CHECK(future.poll().is_pending());
    CHECK(future.poll().is_pending());
  }
  CHECK(disabled.polls() == 0);
  CHECK(gate.polls() == 100);
}

TEST_CASE("a branch whose condition holds takes part") {
  auto future = by_hand(select(when(true, ready(1)), pending()));
  CHECK(future.poll().value().index() == 0);
}

TEST_CASE("a condition may stand inside or outside of a handler, and twice") {
  const auto handle = [](int value) { return value; };
  const auto wins = [](auto branch) {
    auto future =
        by_hand(select_biased(std::move(branch), on(ready(100), [](int value) { return value; })));
    return future.poll().value() == 1;
  };
  CHECK(wins(when(true, on(ready(1), handle))));
  CHECK(wins(on(when(true, ready(1)), handle)));
  CHECK_FALSE(wins(when(false, on(ready(1), handle))));
  CHECK_FALSE(wins(on(when(false, ready(1)), handle)));
  CHECK_FALSE(wins(when(true, when(false, on(ready(1), handle)))));
  CHECK_FALSE(wins(when(false, when(true, on(ready(1), handle)))));
}

TEST_CASE("a future that is disabled is destroyed with the others") {
  Gate gate;
  auto future = by_hand(select(when(false, pass(gate, 1)), ready(2)));
  CHECK(future.poll().is_ready());
  CHECK(Tracked::alive() == 0);
}

TEST_CASE("some() takes what is inside of an optional, an expected, or a pointer") {
  auto optional = by_hand(select(some(ready(std::optional(1)))));
  CHECK(std::get<0>(optional.poll().value()) == 1);
  auto expected = by_hand(select(some(ready(std::expected<std::string, int>("two")))));
  CHECK(std::get<0>(expected.poll().value()) == "two");
  auto pointer = by_hand(
      select(on(some(ready(std::make_unique<int>(3))), [](int value) { return value + 1; })));
  CHECK(pointer.poll().value() == 4);
  step("a value that can only be moved");
  auto moved = by_hand(select(some(ready(std::optional(std::make_unique<int>(5))))));
  CHECK(*std::get<0>(moved.poll().value()) == 5);
}

TEST_CASE("a branch whose value does not count is disabled, and the select waits for the others") {
  int polls = 0;
  auto empty = poll_fn([&](Context&) -> Poll<std::optional<int>> {
    ++polls;
    return std::optional<int>();
  });
  Gate gate;
  auto future = by_hand(select(some(empty), gate.wait()));
  CHECK(future.poll().is_pending());
  CHECK(future.poll().is_pending());
  CHECK(polls == 1);
  gate.open();
  CHECK(future.poll().value().index() == 1);
}

TEST_CASE("a branch whose value does not count does not keep one that is ready from winning") {
  auto future = by_hand(select_biased(some(ready(std::optional<int>())), ready(7)));
  CHECK(future.poll().value().index() == 1);
}

TEST_CASE("when no branch is left from the start, otherwise() decides") {
  auto value =
      by_hand(select(on(when(false, ready(1)), [](int) { return 1; })).otherwise([] { return 2; }));
  CHECK(value.poll().value() == 2);
  bool has_run = false;
  auto nothing =
      by_hand(select(on(when(false, ready(1)), [](int) {})).otherwise([&] { has_run = true; }));
  CHECK(nothing.poll().is_ready());
  CHECK(has_run);
  step("without handlers");
  auto last = by_hand(select(when(false, ready(1)), when(false, ready(2))).otherwise());
  CHECK(last.poll().value().index() == 2);
}

TEST_CASE("when the last branch is disabled by its value, otherwise() decides") {
  Gate first;
  Gate second;
  Gate third;
  auto future = by_hand(select(on(some(pass_nothing(first)), [](int) { return 1; }),
                               on(some(pass_nothing(second)), [](int) { return 2; }),
                               on(when(false, pass(third, 3)), [](int) { return 3; }))
                            .otherwise([] {
                              CHECK(Tracked::alive() == 0);
                              return 4;
                            }));
  CHECK(future.poll().is_pending());
  first.open();
  CHECK(future.poll().is_pending());
  second.open();
  CHECK(future.poll().value() == 4);
}

TEST_CASE("otherwise() does not run while a branch is left") {
  Gate gate;
  bool has_run = false;
  auto future =
      by_hand(select(on(when(false, ready(1)), [](int) {}), on(gate.wait(), [] {})).otherwise([&] {
        has_run = true;
      }));
  CHECK(future.poll().is_pending());
  gate.open();
  CHECK(future.poll().is_ready());
  CHECK_FALSE(has_run);
}

TEST_CASE("a biased select may have an otherwise(), and stays biased") {
  for (int i = 0; i < 50; ++i) {
    auto future = by_hand(select_biased(ready(1), ready(2)).otherwise());
    CHECK(future.poll().value().index() == 0);
  }
}

TEST_CASE("when no branch is left, and nothing is said for that, it is a misuse") {
  Gate gate;
  auto future = by_hand(select(when(false, pass(gate, 1)), some(ready(std::optional<int>()))));
  CHECK_THROWS_WITH_AS((void)future.poll(), doctest::Contains("give it an otherwise()"), Misuse);
  CHECK(Tracked::alive() == 0);
  CHECK_THROWS_WITH_AS((void)future.poll(), doctest::Contains("polled again"), Misuse);
}
