// Tests that go wrong on purpose: what the kit prints about each is checked in CMakeLists.txt.
#include <doctest/doctest.h>

#include <expected>
#include <nara/async.hpp>
#include <nara/todo.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/gate.hpp>
#include <vector>

using nara::test::by_hand;
using nara::test::step;

TEST_CASE("fails a check") {
  step("count to ", 2);
  step("compare");
  const int counted = 2;
  CHECK(counted == 3);
}

TEST_CASE("compares what may not be there") {
  const std::optional<std::string> line;
  CHECK(line == "one tea");
  const std::optional<std::string> empty = "";
  CHECK(empty == line);
  const std::expected<int, std::string> failed = std::unexpected("broken");
  CHECK(failed == 7);
  const std::expected<void, int> done;
  CHECK(done == std::expected<void, int>(std::unexpect, 3));
}

TEST_CASE("compares lists") {
  const std::vector<std::string> words{"hello\n", ""};
  CHECK(words == std::vector<std::string>());
  CHECK(std::vector(11, 1) == std::vector{2, 3});
}

TEST_CASE("throws") {
  step("throw");
  throw std::runtime_error("out of luck");
}

TEST_CASE("does not throw") {
  step("do nothing");
  CHECK_THROWS_AS(static_cast<void>(0), std::runtime_error);
}

TEST_CASE("reaches a todo") {
  step("look for the answer");
  const int answer = []() -> int { return nara::todo("01-9: find the answer"); }();
  CHECK(answer == 42);
}

TEST_CASE("spins" * doctest::timeout(0.1)) {
  step("wait for ever");
  auto future = by_hand(nara::pending());
  while (future.poll().is_pending()) continue;
}

TEST_CASE("leaves a waker behind") {
  // Never destroyed: when the test ends, the counter of this waker is gone.
  auto* const kept = new nara::Waker(nara::Waker::noop());
  auto make = [kept] {
    return nara::poll_fn([kept](nara::Context& context) -> nara::Poll<void> {
      kept->clone_from(context.waker());
      return nara::kPending;
    });
  };
  nara::test::destroy_at_every_suspension(make, [](int) {});
}
