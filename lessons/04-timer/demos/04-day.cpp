// Two hearts for a day: one sleeps between its beats, one has an interval.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/spawn.hpp>
#include <nara/time/interval.hpp>

#include "paused.hpp"

using nara::Async;
using namespace std::chrono_literals;

// [main]
// [hearts]
Async<> work() { co_await nara::time::sleep(3s); }

Async<> sleeps_between(int& beats) {
  for (;;) {
    ++beats;
    co_await work();
    co_await nara::time::sleep(10s);
  }
}

Async<> has_an_interval(int& beats) {
  nara::time::Interval heart = nara::time::interval(10s);
  for (;;) {
    (void)co_await heart.tick();
    ++beats;
    co_await work();
  }
}
// [/hearts]

Async<> live_for_a_day() {
  int first = 0;
  int second = 0;
  const nara::JoinHandle<void> one = nara::spawn(sleeps_between(first));
  const nara::JoinHandle<void> other = nara::spawn(has_an_interval(second));
  co_await nara::time::sleep(23h + 59min + 55s);
  std::printf("sleeps between its beats:  %d beats\n", first);
  std::printf("has an interval:           %d beats\n", second);
}

int main() {
  const auto start = std::chrono::steady_clock::now();
  run_paused(live_for_a_day);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("a day took %.1f s\n", took.count());
}
// [/main]
