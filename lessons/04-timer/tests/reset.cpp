// A sleep that is given another deadline.
#include <doctest/doctest.h>

#include <nara/time/sleep.hpp>
#include <testkit/by_hand.hpp>

#include "paused.hpp"

using namespace std::chrono_literals;

using nara::test::by_hand;
using nara::test::step;
using nara::time::now;
using nara::time::sleep;

TEST_CASE("a sleep that is reset to later ends then, and only then") {
  in_paused([](auto& runtime) {
    auto future = by_hand(sleep(10ms));
    CHECK(future.poll().is_pending());
    future.future().reset(now() + 100ms);
    CHECK(future.future().deadline() == now() + 100ms);
    move_clock(runtime, 99ms);
    CHECK_FALSE(future.is_woken());
    CHECK(future.poll().is_pending());
    move_clock(runtime, 1ms);
    CHECK(future.is_woken());
    CHECK(future.poll().is_ready());
  });
}

TEST_CASE("a sleep that is reset to earlier ends then, without being polled in between") {
  in_paused([](auto& runtime) {
    auto future = by_hand(sleep(100ms));
    CHECK(future.poll().is_pending());
    future.future().reset(now() + 10ms);
    move_clock(runtime, 9ms);
    CHECK_FALSE(future.is_woken());
    move_clock(runtime, 1ms);
    CHECK(future.is_woken());
    CHECK(future.poll().is_ready());
    step("the deadline that it had before passes, too");
    move_clock(runtime, 100ms);
    CHECK(future.wakes() == 1);
  });
}

TEST_CASE("a sleep that is reset to what has passed is woken, and ready") {
  in_paused([](auto& runtime) {
    for (const auto ago : {0ms, 5ms}) {
      move_clock(runtime, 5ms);
      auto future = by_hand(sleep(10ms));
      CHECK(future.poll().is_pending());
      future.future().reset(now() - ago);
      step("let the driver look");
      move_clock(runtime, 0ms);
      CHECK(future.is_woken());
      CHECK(future.wakers_out() == 0);
      CHECK(future.poll().is_ready());
    }
  });
}

TEST_CASE("a sleep that is reset to what its driver knows to have passed is woken at once") {
  in_paused([](auto& runtime) {
    auto future = by_hand(sleep(10ms));
    auto other = by_hand(sleep(5ms));
    CHECK(future.poll().is_pending());
    CHECK(other.poll().is_pending());
    move_clock(runtime, 5ms);
    future.future().reset(now());
    CHECK(future.is_woken());
    CHECK(future.wakers_out() == 0);
    CHECK(future.poll().is_ready());
  });
}

TEST_CASE("a sleep that is over can be reset, and is pending again until its new deadline") {
  in_paused([](auto& runtime) {
    auto future = by_hand(sleep(10ms));
    CHECK(future.poll().is_pending());
    move_clock(runtime, 10ms);
    CHECK(future.poll().is_ready());
    future.future().reset(now() + 20ms);
    CHECK_FALSE(future.future().is_elapsed());
    CHECK(future.poll().is_pending());
    move_clock(runtime, 19ms);
    CHECK_FALSE(future.is_woken());
    move_clock(runtime, 1ms);
    CHECK(future.is_woken());
    CHECK(future.poll().is_ready());
  });
}

TEST_CASE("a sleep that has been woken but not polled can be reset: it is not ready then") {
  in_paused([](auto& runtime) {
    auto future = by_hand(sleep(10ms));
    CHECK(future.poll().is_pending());
    move_clock(runtime, 10ms);
    future.future().reset(now() + 20ms);
    CHECK(future.poll().is_pending());
    move_clock(runtime, 20ms);
    CHECK(future.poll().is_ready());
  });
}

TEST_CASE("a sleep can be reset before its first poll") {
  in_paused([](auto& runtime) {
    auto future = by_hand(sleep(1h));
    future.future().reset(now() + 10ms);
    CHECK(future.poll().is_pending());
    move_clock(runtime, 10ms);
    CHECK(future.poll().is_ready());
  });
}
