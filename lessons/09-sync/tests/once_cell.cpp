// A value that is made once, by whoever comes first.
#include <doctest/doctest.h>

#include <expected>
#include <memory>
#include <nara/join_handle.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/once_cell.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/gate.hpp>
#include <testkit/runtime.hpp>
#include <testkit/tracked.hpp>
#include <utility>
#include <vector>

#include "turns.hpp"

using nara::Async;
using nara::JoinHandle;
using nara::sync::OnceCell;
using nara::test::by_hand;
using nara::test::Gate;
using nara::test::run;
using nara::test::step;
using nara::test::Tracked;

TEST_CASE("a cell is empty at first, and then keeps what it was given") {
  OnceCell<int> cell;
  CHECK_FALSE(cell.is_initialized());
  CHECK(cell.get() == nullptr);
  CHECK(cell.set(7).has_value());
  CHECK(cell.is_initialized());
  REQUIRE(cell.get() != nullptr);
  CHECK(*cell.get() == 7);
  const OnceCell<int> full(8);
  CHECK(full.is_initialized());
  CHECK(*full.get() == 8);
}

TEST_CASE("a second set() fails and gives its value back; what was kept is destroyed once") {
  (void)Tracked::deaths();
  {
    OnceCell<Tracked> cell;
    CHECK(cell.set(Tracked("first")).has_value());
    const auto second = cell.set(Tracked("second"));
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().is_already_initialized());
    CHECK(second.error().value.name() == "second");
    CHECK(second.error().message() == "the OnceCell has a value already");
    CHECK(cell.get()->name() == "first");
  }
  CHECK(Tracked::deaths() == std::vector<std::string>{"second", "first"});
}

TEST_CASE("the first who asks makes the value, and all others get the same one") {
  run([]() -> Async<> {
    OnceCell<int> cell;
    int made = 0;
    std::vector<JoinHandle<int*>> tasks;
    for (int number = 0; number < 10; ++number) {
      tasks.push_back(nara::spawn(cell.get_or_init([&made, number]() -> Async<int> {
        ++made;
        co_await let_run(3);
        co_return number;
      })));
    }
    for (JoinHandle<int*>& task : tasks) {
      const auto value = co_await task;
      CHECK(*value == cell.get());
    }
    CHECK(made == 1);
    CHECK(*cell.get() == 0);
  });
}

TEST_CASE("all who wait for the value are woken at once when it is there") {
  Gate gate;
  OnceCell<int> cell;
  const auto make = [&]() -> Async<int> {
    co_await gate.wait();
    co_return 7;
  };
  auto first = by_hand(cell.get_or_init(make));
  auto second = by_hand(cell.get_or_init(make));
  auto third = by_hand(cell.get_or_init(make));
  CHECK(first.poll().is_pending());
  CHECK(second.poll().is_pending());
  CHECK(third.poll().is_pending());
  CHECK(gate.polls() == 1);
  gate.open();
  CHECK_FALSE(second.is_woken());
  CHECK(*first.poll().value() == 7);
  CHECK(second.wakes() == 1);
  CHECK(third.wakes() == 1);
  CHECK(third.poll().value() == cell.get());
  CHECK(second.poll().value() == cell.get());
  CHECK(gate.polls() == 2);
}

TEST_CASE("while somebody makes the value, it cannot be set") {
  Gate gate;
  OnceCell<int> cell;
  auto making = by_hand(cell.get_or_init([&]() -> Async<int> {
    co_await gate.wait();
    co_return 7;
  }));
  CHECK(making.poll().is_pending());
  CHECK(cell.get() == nullptr);
  const auto refused = cell.set(8);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().is_initializing());
  CHECK(refused.error().value == 8);
  gate.open();
  CHECK(*making.poll().value() == 7);
  CHECK(cell.set(9).error().is_already_initialized());
}

TEST_CASE("when the one who makes the value is destroyed, the next one makes it") {
  Gate gate;
  OnceCell<int> cell;
  const auto make = [&](int number) {
    return cell.get_or_init([&gate, number]() -> Async<int> {
      co_await gate.wait();
      co_return number;
    });
  };
  auto first = by_hand(make(1));
  auto second = by_hand(make(2));
  auto third = by_hand(make(3));
  CHECK(first.poll().is_pending());
  CHECK(second.poll().is_pending());
  CHECK(third.poll().is_pending());
  first.cancel();
  CHECK(second.is_woken());
  CHECK_FALSE(third.is_woken());
  step("the second was chosen, and goes away before it is polled");
  second.cancel();
  CHECK(third.is_woken());
  CHECK(third.poll().is_pending());
  gate.open();
  CHECK(*third.poll().value() == 3);
}

TEST_CASE("when the making throws, the one who made it gets that, and the next one tries") {
  OnceCell<int> cell;
  auto fails = by_hand(cell.get_or_init([]() -> Async<int> {
    co_await let_run();
    throw std::runtime_error("no luck");
  }));
  auto next = by_hand(cell.get_or_init([]() -> Async<int> { co_return 2; }));
  CHECK(fails.poll().is_pending());
  CHECK(next.poll().is_pending());
  CHECK_THROWS_WITH_AS((void)fails.poll(), "no luck", std::runtime_error);
  CHECK_FALSE(cell.is_initialized());
  CHECK(next.is_woken());
  CHECK(*next.poll().value() == 2);
}

TEST_CASE("a making that fails gives its error to who called it, and the next one tries") {
  using Result = std::expected<int, std::string>;
  OnceCell<int> cell;
  auto fails = by_hand(
      cell.get_or_try_init([]() -> Async<Result> { co_return std::unexpected("no luck"); }));
  CHECK(fails.poll().value().error() == "no luck");
  CHECK_FALSE(cell.is_initialized());
  Gate gate;
  auto next = by_hand(cell.get_or_try_init([&]() -> Async<Result> {
    co_await gate.wait();
    co_return 2;
  }));
  const auto not_called = []() -> Async<Result> { co_return std::unexpected("called"); };
  auto waits = by_hand(cell.get_or_try_init(not_called));
  CHECK(next.poll().is_pending());
  CHECK(waits.poll().is_pending());
  gate.open();
  CHECK(**next.poll().value() == 2);
  CHECK(waits.poll().value() == cell.get());
  auto late = by_hand(cell.get_or_try_init(not_called));
  CHECK(late.poll().value() == cell.get());
}

TEST_CASE("who comes to a value that is there already calls nothing, and does not wait") {
  OnceCell<int> cell(7);
  bool is_called = false;
  auto future = by_hand(cell.get_or_init([&]() -> Async<int> {
    is_called = true;
    co_return 8;
  }));
  CHECK(*future.poll().value() == 7);
  CHECK_FALSE(is_called);
}

TEST_CASE("the value can be made by any future, and converted, and need only be movable") {
  OnceCell<std::unique_ptr<int>> cell;
  auto future = by_hand(cell.get_or_init([] { return nara::ready(std::make_unique<int>(7)); }));
  CHECK(**future.poll().value() == 7);
  OnceCell<std::string> text;
  auto converts = by_hand(text.get_or_init([] { return nara::ready("seven"); }));
  CHECK(*converts.poll().value() == "seven");
}

TEST_CASE("the value can be taken out, and then another one can be made") {
  OnceCell<std::unique_ptr<int>> cell;
  CHECK_FALSE(cell.take().has_value());
  CHECK(cell.set(std::make_unique<int>(1)).has_value());
  CHECK(**cell.take() == 1);
  CHECK_FALSE(cell.is_initialized());
  auto future = by_hand(cell.get_or_init([] { return nara::ready(std::make_unique<int>(2)); }));
  CHECK(**future.poll().value() == 2);
}
