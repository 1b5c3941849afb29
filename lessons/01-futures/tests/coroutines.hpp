// Small coroutines that several tests call.
#pragma once

#include <nara/async.hpp>
#include <testkit/gate.hpp>

/// Ends at once.
inline nara::Async<int> number(int value) { co_return value; }

/// Ends when the gate is open.
inline nara::Async<int> wait_then(nara::test::Gate& gate, int value) {
  co_await gate.wait();
  co_return value;
}
