// Waits for an answer from another thread, and says how long that took.
#pragma once

#include <cstdio>
#include <nara/async.hpp>
#include <nara/run_blocking.hpp>
#include <thread>

#include "stopwatch.hpp"

inline void think_a_moment() { std::this_thread::sleep_for(std::chrono::milliseconds(10)); }

// [wait]
inline nara::Async<> wait_for_another_thread() {
  const Stopwatch stopwatch;
  co_await nara::run_blocking(think_a_moment);
  std::printf("answered by another thread, and gone on after %.1f s\n", stopwatch.seconds());
}
// [/wait]
