// Waiting for all, unless one fails.
#include <doctest/doctest.h>

#include <array>
#include <expected>
#include <memory>
#include <nara/try_join.hpp>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

#include "tasks.hpp"

using nara::Async;
using nara::Misuse;
using nara::pending;
using nara::ready;
using nara::try_join;
using nara::test::by_hand;
using nara::test::Gate;
using nara::test::run;
using nara::test::Tracked;

namespace {

template <class T>
using Result = std::expected<T, std::string>;

/// Waits for the gate, and succeeds.
Async<Result<int>> reach(Gate& gate, int number) { co_return co_await pass(gate, number); }

/// Waits for the gate, and gives an error.
Async<Result<int>> miss(Gate& gate, std::string error) {
  co_await gate.wait();
  co_return std::unexpected(error);
}

}  // namespace

TEST_CASE("when all succeed, try_join gives their values, in the order of the futures") {
  Gate first;
  Gate last;
  auto future =
      by_hand(try_join(reach(first, 1), ready(Result<std::string>("two")), reach(last, 3)));
  CHECK(future.poll().is_pending());
  last.open();
  CHECK(future.poll().is_pending());
  first.open();
  const auto result = future.poll().value();
  CHECK(result == std::tuple(1, std::string("two"), 3));
  CHECK(Tracked::alive() == 0);
}

TEST_CASE("try_join of a vector gives a vector, in the same order") {
  std::array<Gate, 3> gates;
  std::vector<Async<Result<int>>> futures;
  for (Gate& gate : gates) futures.push_back(reach(gate, static_cast<int>(futures.size())));
  auto future = by_hand(try_join(std::move(futures)));
  for (const std::size_t number : {2U, 0U, 1U}) {
    CHECK(future.poll().is_pending());
    gates.at(number).open();
    CHECK(future.is_woken());
  }
  CHECK(future.poll().value() == std::vector{0, 1, 2});
}

TEST_CASE("a success without a value gives a monostate") {
  auto future = by_hand(try_join(ready(Result<void>()), ready(Result<int>(7))));
  const auto result = future.poll().value();
  CHECK(result == std::tuple(std::monostate(), 7));
  std::vector<nara::Ready<Result<void>>> futures(2, ready(Result<void>()));
  CHECK(by_hand(try_join(std::move(futures))).poll().value()->size() == 2);
}

TEST_CASE("the first error is given at once, and all other futures are destroyed by then") {
  Gate closed;
  Gate gate;
  auto future =
      by_hand(try_join(reach(closed, 1), miss(gate, "no luck"), reach(closed, 3), reach(gate, 4)));
  CHECK(future.poll().is_pending());
  CHECK(Tracked::alive() == 3);
  gate.open();
  const auto result = future.poll().value();
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error() == "no luck");
  CHECK(Tracked::alive() == 0);
  CHECK(closed.waiting() == 0);
  CHECK(future.wakers_out() == 0);
}

TEST_CASE("an error in a vector is given at once, too") {
  Gate closed;
  Gate gate;
  std::vector<Async<Result<int>>> futures;
  for (int i = 0; i < 3; ++i) futures.push_back(reach(closed, i));
  futures.push_back(miss(gate, "no luck"));
  auto future = by_hand(try_join(std::move(futures)));
  CHECK(future.poll().is_pending());
  gate.open();
  CHECK(future.poll().value().error() == "no luck");
  CHECK(Tracked::alive() == 0);
}

TEST_CASE("after an error, the futures that were not asked yet are not asked any more") {
  Gate after;
  Gate gate;
  gate.open();
  auto future = by_hand(try_join(miss(gate, "no luck"), reach(after, 2)));
  CHECK(future.poll().value().error() == "no luck");
  CHECK(after.polls() == 0);
  std::vector<Async<Result<int>>> futures;
  futures.push_back(miss(gate, "no luck"));
  futures.push_back(reach(after, 2));
  CHECK(by_hand(try_join(std::move(futures))).poll().value().error() == "no luck");
  CHECK(after.polls() == 0);
}

TEST_CASE("the last one to be ready may fail") {
  auto future = by_hand(try_join(ready(Result<int>(1)), ready(Result<int>(std::unexpect, "no"))));
  CHECK(future.poll().value().error() == "no");
}

TEST_CASE("a future that is given by its name stays the caller's, also when another one fails") {
  Gate gate;
  auto work = reach(gate, 7);
  auto future = by_hand(try_join(work, ready(Result<int>(std::unexpect, "no luck"))));
  CHECK_FALSE(future.poll().value().has_value());
  CHECK(gate.waiting() == 1);
  gate.open();
  CHECK(by_hand(try_join(work)).poll().value() == std::tuple(7));
}

TEST_CASE("try_join of an empty vector is ready at once") {
  const auto result = by_hand(try_join(std::vector<Async<Result<int>>>())).poll().value();
  REQUIRE(result.has_value());
  CHECK(result->empty());
}

TEST_CASE("values and errors may be such that can only be moved") {
  using Moved = std::expected<std::unique_ptr<int>, std::unique_ptr<std::string>>;
  auto value = by_hand(try_join(ready(Moved(std::make_unique<int>(7)))));
  CHECK(*std::get<0>(*value.poll().value()) == 7);
  auto error = by_hand(try_join(
      ready(Moved(std::unexpect, std::make_unique<std::string>("no luck"))), pending<Moved>()));
  CHECK(*error.poll().value().error() == "no luck");
}

TEST_CASE("what a future throws comes out of try_join, and the others go with it") {
  run([]() -> Async<> {
    Gate open;
    open.open();
    Gate closed;
    const auto throws = [](Gate& gate) -> Async<Result<int>> { co_return co_await fail(gate); };
    bool has_thrown = false;
    try {
      (void)co_await try_join(reach(closed, 1), throws(open));
    } catch (const std::runtime_error&) {
      has_thrown = true;
    }
    CHECK(has_thrown);
    CHECK(Tracked::alive() == 0);
  });
}

TEST_CASE("to poll try_join again after it was ready is a misuse") {
  auto success = by_hand(try_join(ready(Result<int>(1))));
  CHECK(success.poll().is_ready());
  CHECK_THROWS_WITH_AS((void)success.poll(), doctest::Contains("polled again"), Misuse);
  auto failure = by_hand(try_join(ready(Result<int>(std::unexpect, "no luck"))));
  CHECK(failure.poll().is_ready());
  CHECK_THROWS_WITH_AS((void)failure.poll(), doctest::Contains("polled again"), Misuse);
}
