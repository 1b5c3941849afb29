// A runtime whose clock stands still, and whose lots fall the same way each time.
#pragma once

#include <chrono>
#include <nara/runtime.hpp>
#include <nara/time/pause.hpp>
#include <utility>

/// Runs `body()` in a runtime with a paused clock and a seed.
template <class Body>
void run_paused(Body body) {
  nara::Runtime::Builder builder = nara::Runtime::Builder::current_thread();
  nara::Runtime runtime = builder.enable_time().start_paused().rng_seed(8).build().value();
  runtime.block_on(std::move(body));
}

/// Milliseconds since `start`, by the clock of the runtime.
inline int ms_since(nara::time::Instant start) {
  return static_cast<int>((nara::time::now() - start) / std::chrono::milliseconds(1));
}
