// What many of these tests spawn.
#pragma once

#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/yield_now.hpp>
#include <stdexcept>
#include <string>
#include <testkit/gate.hpp>
#include <testkit/runtime.hpp>
#include <testkit/steps.hpp>
#include <testkit/tracked.hpp>
#include <utility>

/// Waits for the gate, and gives the number.
inline nara::Async<int> pass(nara::test::Gate& gate, int number) {
  co_await gate.wait();
  co_return number;
}

/// Gives the number at once.
inline nara::Async<int> give(int number) { co_return number; }

/// Keeps something until it is destroyed.
inline nara::Async<> keep(nara::test::Tracked kept) {
  co_await nara::pending();
  (void)kept;
}

/// Throws, at once or after a turn.
inline nara::Async<int> fail(std::string message, int turns = 0) {
  for (int turn = 0; turn < turns; ++turn) co_await nara::yield_now();
  throw std::runtime_error(message);
}
