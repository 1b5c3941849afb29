// What many of these tests wait for.
#pragma once

#include <nara/async.hpp>
#include <nara/yield_now.hpp>
#include <stdexcept>
#include <testkit/by_hand.hpp>
#include <testkit/gate.hpp>
#include <testkit/runtime.hpp>
#include <testkit/steps.hpp>
#include <testkit/tracked.hpp>
#include <utility>

/// Waits for the gate, and gives the number. Keeps something until it is destroyed.
inline nara::Async<int> pass(nara::test::Gate& gate, int number,
                             nara::test::Tracked kept = nara::test::Tracked()) {
  co_await gate.wait();
  (void)kept;
  co_return number;
}

/// Gives the number at once, or after some turns.
inline nara::Async<int> give(int number, int turns = 0) {
  for (int turn = 0; turn < turns; ++turn) co_await nara::yield_now();
  co_return number;
}

/// Waits for the gate, and throws.
inline nara::Async<int> fail(nara::test::Gate& gate,
                             nara::test::Tracked kept = nara::test::Tracked()) {
  co_await gate.wait();
  (void)kept;
  throw std::runtime_error("no luck");
}
