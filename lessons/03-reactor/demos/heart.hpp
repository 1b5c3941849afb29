// A heart that beats, as long as the executor lets it.
#pragma once

#include <chrono>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/run_blocking.hpp>
#include <nara/spawn.hpp>
#include <thread>
#include <utility>

inline bool has_line = false;

/// Another thread sleeps for us, until lesson 04 has something better.
inline void sleep_a_moment() { std::this_thread::sleep_for(std::chrono::milliseconds(500)); }

// [beat]
/// Beats until there is a line. Beside its second beat, `listener` begins.
inline nara::Async<> beat(nara::Async<> listener) {
  for (int n = 1; n <= 4 || !has_line; ++n) {
    std::printf("beat %d\n", n);
    if (n == 2) (void)nara::spawn(std::move(listener));
    co_await nara::run_blocking(sleep_a_moment);
  }
}
// [/beat]
