// What one Async does: when it runs, what comes out.
#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <testkit/by_hand.hpp>

using namespace nara;
using test::by_hand;

namespace {
Async<int> answer() { co_return 42; }
}  // namespace

TEST_CASE("a coroutine that waits for nothing is ready at the first poll") {
  auto async = by_hand(answer());
  CHECK(async.poll().value() == 42);
}
