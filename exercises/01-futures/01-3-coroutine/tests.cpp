// The tests of 01-3. They poll coroutines exactly as they polled the countdown of 01-1.
#include <doctest/doctest.h>

#include <countdown.hpp>
#include <stdexcept>
#include <string>
#include <testkit/by_hand.hpp>
#include <vector>

using nara::Poll;
using nara::test::by_hand;
using nara::test::step;

namespace {

/// A pad that writes down what is said.
class TestPad : public Pad {
 public:
  TestPad() {
    say = [this](int number) { numbers_.push_back(number); };
  }
  TestPad(const TestPad&) = delete;
  TestPad& operator=(const TestPad&) = delete;

  /// As in "3 2 1".
  std::string said() const {
    std::string said;
    for (int number : numbers_) said += (said.empty() ? "" : " ") + std::to_string(number);
    return said.empty() ? "nothing" : said;
  }

 private:
  std::vector<int> numbers_;
};

}  // namespace

TEST_CASE("01-3 Coroutine: countdown from 0 says nothing and is ready at once") {
  TestPad pad;
  step("call countdown(pad, 0) and poll it: ready with 0");
  auto future = by_hand(countdown(pad, 0));
  Poll<int> answer = future.poll();
  REQUIRE(answer.is_ready());
  CHECK(answer.value() == 0);
  CHECK(pad.said() == "nothing");
}

TEST_CASE("01-3 Coroutine: countdown says one number a turn, then gives how many they were") {
  TestPad pad;
  step("call countdown(pad, 3): nothing is said yet");
  auto future = by_hand(countdown(pad, 3));
  REQUIRE(pad.said() == "nothing");
  for (const std::string said : {"3", "3 2", "3 2 1"}) {
    step("poll it: pending, woken, and said so far: ", said);
    REQUIRE(future.poll().is_pending());
    REQUIRE(future.is_woken());
    REQUIRE(pad.said() == said);
  }
  step("poll it: ready with 3");
  Poll<int> answer = future.poll();
  REQUIRE(answer.is_ready());
  CHECK(answer.value() == 3);
  CHECK(pad.said() == "3 2 1");
}

TEST_CASE("01-3 Coroutine: two countdowns that are polled in turn each keep their own place") {
  TestPad pad;
  step("call countdown(pad, 9) and countdown(pad, 5)");
  auto nine = by_hand(countdown(pad, 9));
  auto five = by_hand(countdown(pad, 5));
  for (const std::string said : {"9 5", "9 5 8 4"}) {
    step("poll both: said so far: ", said);
    REQUIRE(nine.poll().is_pending());
    REQUIRE(five.poll().is_pending());
    REQUIRE(pad.said() == said);
  }
}

TEST_CASE("01-3 Coroutine: launch counts down for each stage and is armed until it ends") {
  TestPad pad;
  step("call launch(pad, {2, 1}): not armed yet");
  auto future = by_hand(launch(pad, {2, 1}));
  REQUIRE_FALSE(pad.is_armed);
  for (const std::string said : {"2", "2 1", "2 1 1"}) {
    step("poll it: pending, armed, and said so far: ", said);
    REQUIRE(future.poll().is_pending());
    REQUIRE(pad.is_armed);
    REQUIRE(pad.said() == said);
  }
  step("poll it: ready with 3, and not armed");
  Poll<int> answer = future.poll();
  REQUIRE(answer.is_ready());
  CHECK(answer.value() == 3);
  CHECK_FALSE(pad.is_armed);
}

TEST_CASE("01-3 Coroutine: destroyed in any turn, launch disarms the pad and says no more") {
  for (int polls = 0; polls <= 3; ++polls) {
    TestPad pad;
    step("call launch(pad, {2, 1}), and poll it ", polls, " times");
    auto future = by_hand(launch(pad, {2, 1}));
    for (int i = 0; i < polls; ++i) REQUIRE(future.poll().is_pending());
    REQUIRE(pad.is_armed == (polls > 0));
    const std::string said = pad.said();
    step("destroy it: not armed, nothing more said, no waker kept");
    future.cancel();
    REQUIRE_FALSE(pad.is_armed);
    REQUIRE(pad.said() == said);
    REQUIRE(future.wakers_out() == 0);
  }
}

TEST_CASE("01-3 Coroutine: an exception goes up through both coroutines and disarms the pad") {
  TestPad pad;
  pad.say = [](int number) {
    if (number == 1) throw std::runtime_error("hold the count");
  };
  step("call launch(pad, {2}) with a pad that throws when 1 is said");
  auto future = by_hand(launch(pad, {2}));
  step("poll it: pending");
  REQUIRE(future.poll().is_pending());
  step("poll it: the exception comes out of the poll, and the pad is not armed");
  REQUIRE_THROWS_WITH((void)future.poll(), "hold the count");
  CHECK_FALSE(pad.is_armed);
}
