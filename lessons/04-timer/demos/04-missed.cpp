// A tick every 100 ms. After the second, something takes 250 ms. What about those that were missed?
#include <cstdio>
#include <nara/async.hpp>
#include <nara/time/interval.hpp>

#include "paused.hpp"

using nara::Async;
using namespace std::chrono_literals;
using nara::time::MissedTickBehavior;

Async<> beat(const char* name, MissedTickBehavior behavior) {
  std::printf("%s", name);
  const nara::time::Instant start = nara::time::now();
  nara::time::Interval heart = nara::time::interval(100ms);
  heart.set_missed_tick_behavior(behavior);
  for (int beat = 1; beat <= 7; ++beat) {
    (void)co_await heart.tick();
    std::printf(" %5d", ms_since(start));
    if (beat == 2) co_await nara::time::sleep(250ms);  // Too much work.
  }
  std::printf("\n");
}

int main() {
  run_paused([] { return beat("kBurst", MissedTickBehavior::kBurst); });
  run_paused([] { return beat("kDelay", MissedTickBehavior::kDelay); });
  run_paused([] { return beat("kSkip ", MissedTickBehavior::kSkip); });
}
