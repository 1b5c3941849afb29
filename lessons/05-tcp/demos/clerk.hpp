// A clerk who has picked up the telephone, and a heart that beats beside.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/runtime.hpp>
#include <nara/spawn.hpp>
#include <nara/time/interval.hpp>
#include <thread>
#include <utility>

#include "sockets.hpp"

inline std::atomic<int> beats = 0;
inline bool has_heard = false;

inline void tell(const char* what) {
  std::printf("%s  ", what);
  (void)std::fflush(stdout);
}

/// A clerk is given the call. It waits in its calls, like any that comes from accept().
using Clerk = nara::Async<> (*)(OwnedFd call);

/// Beats until the clerk has heard something. Beside the second beat, there is a call.
inline nara::Async<> beat(Clerk clerk, OwnedFd call) {
  nara::time::Interval heart = nara::time::interval(std::chrono::milliseconds(200));
  heart.set_missed_tick_behavior(nara::time::MissedTickBehavior::kDelay);
  for (beats = 0; beats < 4 || !has_heard;) {
    (void)co_await heart.tick();
    ++beats;
    tell("beat");
    if (beats == 2) (void)nara::spawn(clerk(std::exchange(call, OwnedFd())));
  }
}

/// Calls the clerk, and says nothing before the heart has beaten four times; at last, all the same.
inline void run(Clerk clerk) {
  beats = 0;
  has_heard = false;
  Call call = call_somebody();
  const std::jthread caller([phone = std::move(call.caller)] {
    for (int i = 0; i < 70 && beats < 4; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    say(phone, "hello");
  });
  nara::Runtime runtime = nara::Runtime::create().value();
  runtime.block_on(beat(clerk, std::move(call.callee)));
  std::printf("\n");
}
