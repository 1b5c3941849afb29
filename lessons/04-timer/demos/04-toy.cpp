// Three pots on one stove: many tasks sleep on one thread.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>

#include "toy_timers.hpp"

using nara::Async;
using nara::JoinHandle;
using namespace std::chrono_literals;

// [main]
Async<> cook(ToyTimers& timers, const char* dish, Duration takes) {
  const Instant start = timers.now();
  co_await ToySleep(timers, takes);
  const auto took = std::chrono::floor<std::chrono::milliseconds>(timers.now() - start);
  std::printf("%s, after %ld ms\n", dish, static_cast<long>(took.count()));
}

Async<> dinner(ToyTimers& timers) {
  JoinHandle<void> rice = nara::spawn(cook(timers, "rice", 60ms));
  JoinHandle<void> egg = nara::spawn(cook(timers, "egg", 20ms));
  JoinHandle<void> soup = nara::spawn(cook(timers, "soup", 40ms));
  JoinHandle<void> stew = nara::spawn(cook(timers, "stew", 4h));
  (void)co_await rice;
  stew.abort();
}

int main() {
  auto parker = std::make_unique<ToyTimers>(std::make_unique<nara::ThreadParker>(),
                                            &std::chrono::steady_clock::now);
  ToyTimers& timers = *parker;
  nara::CurrentThread executor(std::move(parker));
  executor.block_on(dinner(timers));
  std::printf("the thread slept %d times\n", static_cast<int>(executor.counters().parks));
}
// [/main]
