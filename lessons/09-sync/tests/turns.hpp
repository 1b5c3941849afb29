// Turns for others.
#pragma once

#include <nara/async.hpp>
#include <nara/yield_now.hpp>

/// Lets all others that are ready have so many turns.
inline nara::Async<> let_run(int turns = 1) {
  for (int turn = 0; turn < turns; ++turn) co_await nara::yield_now();
}
