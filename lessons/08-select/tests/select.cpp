// What a select gives, to whom, and what is left of the futures by then.
#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <nara/select.hpp>
#include <nara/time/sleep.hpp>
#include <stdexcept>
#include <string>
#include <testkit/diary.hpp>
#include <type_traits>
#include <variant>
#include <vector>

#include "tasks.hpp"

using namespace std::chrono_literals;

using nara::Async;
using nara::JoinHandle;
using nara::Misuse;
using nara::on;
using nara::pending;
using nara::ready;
using nara::select;
using nara::select_biased;
using nara::TaskResult;
using nara::test::by_hand;
using nara::test::Diary;
using nara::test::Gate;
using nara::test::let_run;
using nara::test::run;
using nara::test::run_paused;
using nara::test::step;
using nara::test::Tracked;

TEST_CASE("without handlers, the value stands at the place of the branch that has won") {
  auto future = by_hand(select(pending<int>(), ready(std::string("text")), pending()));
  static_assert(
      std::is_same_v<decltype(future)::Output, std::variant<int, std::string, std::monostate>>);
  const auto value = future.poll().value();
  REQUIRE(value.index() == 1);
  CHECK(std::get<1>(value) == "text");
  auto same = by_hand(select(pending<int>(), ready(7), pending<int>()));
  CHECK(same.poll().value().index() == 1);
}

TEST_CASE("a select is pending until one of its branches is ready, and is woken for each of them") {
  for (std::size_t winner = 0; winner < 3; ++winner) {
    step("open gate ", winner);
    std::array<Gate, 3> gates;
    auto future = by_hand(select(gates[0].wait(), pass(gates[1], 1), pass(gates[2], 2)));
    CHECK(future.poll().is_pending());
    CHECK_FALSE(future.is_woken());
    gates.at(winner).open();
    CHECK(future.is_woken());
    CHECK(future.poll().value().index() == winner);
  }
}

TEST_CASE("the handler of the winner is called with its value, and no other one") {
  Gate gate;
  int others = 0;
  const auto other = [&](int) { return ++others; };
  auto future =
      by_hand(select(on(pass(gate, 1), other), on(ready(20), [](int value) { return value + 1; }),
                     on(pending<int>(), other)));
  CHECK(future.poll().value() == 21);
  CHECK(others == 0);
}

TEST_CASE("a future without a value calls its handler without one") {
  Gate gate;
  gate.open();
  auto future = by_hand(select(on(gate.wait(), [] { return 7; })));
  CHECK(future.poll().value() == 7);
}

TEST_CASE("a handler that does not want the value is called without it") {
  auto future =
      by_hand(select(on(ready(1), [] { return 7; }), on(pending<int>(), [] { return 8; })));
  CHECK(future.poll().value() == 7);
}

TEST_CASE("handlers may give nothing") {
  int handled = 0;
  auto future = by_hand(select(on(ready(3), [&](int value) { handled = value; }),
                               on(pending(), [&] { handled = 100; })));
  static_assert(std::is_void_v<decltype(future)::Output>);
  CHECK(future.poll().is_ready());
  CHECK(handled == 3);
}

TEST_CASE("handlers may give different types that have one in common") {
  auto future = by_hand(
      select(on(ready(3), [](int value) { return value; }), on(pending(), [] { return 2.5; })));
  static_assert(std::is_same_v<decltype(future)::Output, double>);
  CHECK(future.poll().value() == 3.0);
}

TEST_CASE("a handler may be whatever can be invoked") {
  auto future = by_hand(select(on(ready(std::string("four")), &std::string::size)));
  CHECK(future.poll().value() == 4);
}

TEST_CASE("all futures are destroyed before the handler runs, the winner's too") {
  Gate closed;
  Gate open;
  open.open();
  bool has_run = false;
  auto future = by_hand(select_biased(on(pass(closed, 1, Tracked("loser")), [](int) {}),
                                      on(pass(open, 2, Tracked("winner")),
                                         [&](int value) {
                                           has_run = true;
                                           CHECK(value == 2);
                                           CHECK(Tracked::alive() == 0);
                                           CHECK(closed.waiting() == 0);
                                         }),
                                      on(pass(closed, 3, Tracked("not asked")), [](int) {})));
  CHECK(future.poll().is_ready());
  CHECK(has_run);
}

TEST_CASE("without handlers, all futures are destroyed by the time the value is given") {
  Gate gate;
  auto future = by_hand(select(pass(gate, 1), ready(2)));
  CHECK(future.poll().is_ready());
  CHECK(Tracked::alive() == 0);
  CHECK(gate.waiting() == 0);
  CHECK(future.wakers_out() == 0);
}

TEST_CASE("a select gives values that can only be moved") {
  auto plain = by_hand(select(ready(std::make_unique<int>(7)), pending()));
  CHECK(*std::get<0>(plain.poll().value()) == 7);
  auto handled = by_hand(select(on(ready(std::make_unique<int>(7)), [](std::unique_ptr<int> value) {
    ++*value;
    return value;
  })));
  CHECK(*handled.poll().value() == 8);
}

TEST_CASE("a future that is given by its name keeps its progress from one select to the next") {
  run_paused([]() -> Async<> {
    const auto three_naps = []() -> Async<> {
      for (int nap = 0; nap < 3; ++nap) co_await nara::time::sleep(10ms);
    };
    Diary diary;
    auto work = three_naps();
    for (bool is_done = false; !is_done;) {
      is_done = co_await select(on(work, [] { return true; }), on(nara::time::sleep(7ms), [&] {
                                  diary.note("tick");
                                  return false;
                                }));
    }
    diary.note("done");
    CHECK(diary.text() == "tick 7, tick 14, tick 21, tick 28, done 30");
  });
}

TEST_CASE("a join handle that has lost a select gives its output later") {
  run([]() -> Async<> {
    Gate gate;
    JoinHandle<int> handle = nara::spawn(pass(gate, 7));
    step("it loses while its task runs");
    CHECK((co_await select_biased(handle, ready(1))).index() == 1);
    gate.open();
    co_await let_run(2);
    REQUIRE(handle.is_finished());
    step("it loses, but its task has ended");
    CHECK((co_await select_biased(ready(1), handle)).index() == 0);
    const TaskResult<int> result = co_await handle;
    CHECK(result == 7);
  });
}

TEST_CASE("what is borrowed is not destroyed with the select") {
  Gate gate;
  auto work = pass(gate, 7);
  auto future = by_hand(select_biased(work, ready(1)));
  CHECK(future.poll().is_ready());
  future.cancel();
  CHECK(Tracked::alive() == 1);
  gate.open();
  CHECK(by_hand(std::move(work)).poll().value() == 7);
}

TEST_CASE("what a future throws comes out of the select, and no handler runs") {
  run([]() -> Async<> {
    Gate open;
    open.open();
    Gate closed;
    bool has_thrown = false;
    int handled = 0;
    try {
      co_await select(on(fail(open), [&](int) { ++handled; }),
                      on(pass(closed, 1), [&](int) { ++handled; }));
    } catch (const std::runtime_error& error) {
      has_thrown = error.what() == std::string("no luck");
    }
    CHECK(has_thrown);
    CHECK(handled == 0);
    CHECK(Tracked::alive() == 0);
  });
}

TEST_CASE("what a handler throws comes out of the select, and the futures are gone") {
  Gate gate;
  auto future =
      by_hand(select_biased(on(pass(gate, 1), [](int) {}),
                            on(ready(2), [](int) { throw std::runtime_error("no luck"); })));
  CHECK_THROWS_WITH_AS((void)future.poll(), "no luck", std::runtime_error);
  CHECK(Tracked::alive() == 0);
  CHECK_THROWS_AS((void)future.poll(), Misuse);
}

TEST_CASE("to poll a select again after it was ready is a misuse") {
  auto future = by_hand(select(ready(1), pending()));
  CHECK(future.poll().is_ready());
  CHECK_THROWS_WITH_AS((void)future.poll(), doctest::Contains("polled again"), Misuse);
}

TEST_CASE("a select may be a branch of another") {
  Gate gate;
  auto future = by_hand(select(select(pass(gate, 1), pending()), pending<int>()));
  CHECK(future.poll().is_pending());
  gate.open();
  CHECK(std::get<0>(std::get<0>(future.poll().value())) == 1);
}
