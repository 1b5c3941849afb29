// What a context hands down.
#include <doctest/doctest.h>

#include <nara/context.hpp>
#include <testkit/by_hand.hpp>

using nara::Context;
using nara::Waker;

TEST_CASE("a context hands down the waker that it was made with") {
  nara::test::WakeCounter counter;
  const Waker waker = counter.waker();
  const Context context(waker);
  context.waker().wake_by_ref();
  CHECK(counter.wakes() == 1);
}

TEST_CASE("a context grants its budget unit by unit, and then no more") {
  const Waker waker = Waker::noop();
  Context context(waker);
  int units = 0;
  while (context.spend()) ++units;
  CHECK(units == Context::kBudget);
  CHECK_FALSE(context.spend());
}
