// A heart that beats, as long as the executor lets it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <nara/async.hpp>
#include <nara/run_blocking.hpp>
#include <nara/spawn.hpp>
#include <thread>

inline std::atomic<int> beats = 0;
inline bool has_line = false;

/// Another thread sleeps for us, until lesson 04 has something better.
inline void sleep_a_moment() { std::this_thread::sleep_for(std::chrono::milliseconds(500)); }

// [beat]
/// Beats until there is a line. Beside its second beat, `listener` begins.
inline nara::Async<> beat(std::function<nara::Async<>()> listener) {
  for (beats = 1; beats <= 4 || !has_line; ++beats) {
    std::printf("beat %d\n", beats.load());
    if (beats == 2) (void)nara::spawn(listener());
    co_await nara::run_blocking(sleep_a_moment);
  }
}
// [/beat]
