// A runtime with sockets, in which waiting takes no time.
#pragma once

#include <nara/runtime.hpp>
#include <utility>

#include "../../04-timer/demos/paused.hpp"  // ms_since()

/// Runs `body()` in a runtime with a reactor and a paused clock.
template <class Body>
void run_paused_with_sockets(Body body) {
  nara::Runtime::Builder builder = nara::Runtime::Builder::current_thread();
  nara::Runtime runtime = builder.enable_all().start_paused().build().value();
  runtime.block_on(std::move(body));
}
