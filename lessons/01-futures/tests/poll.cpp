// What a Poll is and what it asks of its value.
#include <doctest/doctest.h>

#include <memory>
#include <nara/poll.hpp>
#include <string>
#include <testkit/steps.hpp>

using nara::kPending;
using nara::kReady;
using nara::Misuse;
using nara::Poll;

TEST_CASE(
    "a Poll is ready when it was made from a value and pending when it was made from kPending") {
  Poll<int> ready = 7;
  Poll<int> pending = kPending;
  CHECK(ready.is_ready());
  CHECK_FALSE(ready.is_pending());
  CHECK(ready.value() == 7);
  CHECK(pending.is_pending());
  CHECK_FALSE(pending.is_ready());
}

TEST_CASE("a Poll<void> is ready or pending, without a value") {
  CHECK(Poll<void>(kReady).is_ready());
  CHECK(Poll<void>(kPending).is_pending());
}

TEST_CASE("asking a pending Poll for its value is a misuse, in every build") {
  Poll<std::string> pending = kPending;
  CHECK_THROWS_AS(pending.value(), Misuse);
  CHECK_THROWS_AS(std::move(pending).value(), Misuse);
}

TEST_CASE("a Poll of a move-only value gives it away") {
  Poll<std::unique_ptr<int>> poll = std::make_unique<int>(7);
  std::unique_ptr<int> value = std::move(poll).value();
  CHECK(*value == 7);
}

TEST_CASE("a Poll converts what converts to its value") {
  Poll<std::string> poll = "seven";
  CHECK(poll.value() == "seven");
}

TEST_CASE("a Poll needs no default constructor and no assignment of its value") {
  struct OnlyMoves {
    explicit OnlyMoves(int number) : number(number) {}
    OnlyMoves(OnlyMoves&&) = default;
    OnlyMoves& operator=(OnlyMoves&&) = delete;
    int number;
  };
  Poll<OnlyMoves> poll = OnlyMoves(7);
  OnlyMoves value = std::move(poll).value();
  CHECK(value.number == 7);
}
