// What a set of tasks gives out, and in which order.
#include <doctest/doctest.h>

#include <memory>
#include <nara/join_set.hpp>
#include <nara/time/sleep.hpp>
#include <optional>
#include <string>
#include <testkit/diary.hpp>
#include <utility>
#include <vector>

#include "tasks.hpp"

using namespace std::chrono_literals;

using nara::AbortHandle;
using nara::Async;
using nara::JoinHandle;
using nara::JoinSet;
using nara::Misuse;
using nara::TaskResult;
using nara::test::by_hand;
using nara::test::Diary;
using nara::test::Gate;
using nara::test::let_run;
using nara::test::run;
using nara::test::run_paused;
using nara::test::step;
using nara::test::Tracked;

TEST_CASE("a set has as many tasks as were spawned, and one less after each that it gives") {
  run([]() -> Async<> {
    JoinSet<int> set;
    CHECK(set.empty());
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(set.size() == i);
      set.spawn(give(static_cast<int>(i)));
    }
    for (std::size_t left = 5; left > 0; --left) {
      CHECK(set.size() == left);
      const std::optional<TaskResult<int>> ended = co_await set.join_next();
      REQUIRE(ended.has_value());
      CHECK(ended->has_value());
    }
    CHECK(set.empty());
  });
}

TEST_CASE("an empty set gives nothing, at once, and can be filled again") {
  run([]() -> Async<> {
    JoinSet<int> set;
    CHECK_FALSE((co_await set.join_next()).has_value());
    set.spawn(give(1));
    CHECK(co_await set.join_next() == 1);
    CHECK_FALSE((co_await set.join_next()).has_value());
    set.spawn(give(2));
    CHECK(co_await set.join_next() == 2);
  });
}

TEST_CASE("a set without a runtime gives nothing, and its spawn is a misuse") {
  JoinSet<int> set;
  CHECK_FALSE(by_hand(set.join_next()).poll().value().has_value());
  CHECK_THROWS_AS(set.spawn(give(1)), Misuse);
  CHECK(set.empty());
}

TEST_CASE("outcomes come in the order in which the tasks end, not in that of their spawns") {
  run_paused([]() -> Async<> {
    Diary diary;
    JoinSet<std::string> set;
    for (const int ms : {30, 10, 20}) {
      set.spawn([ms]() -> Async<std::string> {
        co_await nara::time::sleep(std::chrono::milliseconds(ms));
        co_return "slept";
      });
    }
    while (!set.empty()) {
      const auto ended = co_await set.join_next();
      diary.note(ended->value());
    }
    CHECK(diary.text() == "slept 10, slept 20, slept 30");
  });
}

TEST_CASE("what had ended before anybody asked comes in that order, too") {
  run([]() -> Async<> {
    JoinSet<int> set;
    for (const int turns : {5, 1, 3}) set.spawn(give(turns, turns));
    co_await let_run(10);
    std::vector<int> order;
    while (const auto ended = set.try_join_next()) order.push_back(ended->value());
    CHECK(order == std::vector{1, 3, 5});
  });
}

TEST_CASE("try_join_next gives what has ended, and does not wait") {
  run([]() -> Async<> {
    Gate gate;
    JoinSet<int> set;
    CHECK_FALSE(set.try_join_next().has_value());
    set.spawn(pass(gate, 7));
    co_await let_run();
    CHECK_FALSE(set.try_join_next().has_value());
    CHECK(set.size() == 1);
    gate.open();
    co_await let_run();
    CHECK(set.try_join_next() == 7);
    CHECK(set.empty());
  });
}

TEST_CASE("what a task throws is given like a value") {
  run([]() -> Async<> {
    Gate gate;
    gate.open();
    JoinSet<int> set;
    set.spawn(fail(gate));
    std::optional<TaskResult<int>> ended = co_await set.join_next();
    REQUIRE(ended.has_value());
    REQUIRE_FALSE(ended->has_value());
    CHECK(ended->error().is_panic());
    CHECK_THROWS_WITH(std::rethrow_exception(std::move(ended->error()).into_panic()), "no luck");
  });
}

TEST_CASE("tasks may give nothing, or what can only be moved, or take arguments") {
  run([]() -> Async<> {
    JoinSet<void> of_nothing;
    of_nothing.spawn(let_run());
    CHECK((co_await of_nothing.join_next())->has_value());
    JoinSet<std::unique_ptr<int>> set;
    set.spawn([](std::unique_ptr<int> number) -> Async<std::unique_ptr<int>> { co_return number; },
              std::make_unique<int>(7));
    const auto ended = co_await set.join_next();
    CHECK(**ended.value() == 7);
  });
}

TEST_CASE("a task that runs already can be added, also when it has ended") {
  run([]() -> Async<> {
    JoinSet<int> set;
    Gate gate;
    JoinHandle<int> runs = nara::spawn(pass(gate, 1));
    JoinHandle<int> has_ended = nara::spawn(give(2));
    co_await let_run();
    REQUIRE(has_ended.is_finished());
    set.add(std::move(runs));
    const nara::TaskId id = has_ended.id();
    const AbortHandle added = set.add(std::move(has_ended));
    CHECK(added.id() == id);
    CHECK(added.is_finished());
    CHECK(set.size() == 2);
    CHECK(co_await set.join_next() == 2);
    gate.open();
    CHECK(co_await set.join_next() == 1);
    CHECK(set.empty());
  });
}

TEST_CASE("a set can be moved, with all that it has") {
  run([]() -> Async<> {
    Gate gate;
    JoinSet<int> first;
    first.spawn(give(1));
    first.spawn(pass(gate, 2));
    co_await let_run();
    JoinSet<int> second = std::move(first);
    CHECK(second.size() == 2);
    CHECK(co_await second.join_next() == 1);
    JoinSet<int> third;
    third.spawn(pass(gate, 3));
    co_await let_run();
    CHECK(Tracked::alive() == 2);
    step("what a set had before is aborted when another one is moved into it");
    third = std::move(second);
    co_await let_run();
    CHECK(Tracked::alive() == 1);
    gate.open();
    CHECK(co_await third.join_next() == 2);
    CHECK(third.empty());
  });
}

TEST_CASE("a set that was moved from is empty, and can be used") {
  run([]() -> Async<> {
    JoinSet<int> set;
    set.spawn(give(1));
    const JoinSet<int> other = std::move(set);
    CHECK(set.empty());
    CHECK_FALSE((co_await set.join_next()).has_value());
    CHECK_FALSE(set.try_join_next().has_value());
    set.abort_all();
    set.detach_all();
    co_await set.shutdown();
    set.spawn(give(2));
    CHECK(co_await set.join_next() == 2);
    CHECK(other.size() == 1);
  });
}
