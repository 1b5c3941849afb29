// While the clock is paused: whom does it wait for, and whom does it pass by?
#include <cstdio>
#include <nara/async.hpp>
#include <nara/run_blocking.hpp>
#include <nara/time/timeout.hpp>
#include <nara/yield_now.hpp>
#include <thread>

#include "paused.hpp"

using nara::Async;
using namespace std::chrono_literals;

void tell(const char* what, bool came, nara::time::Instant start) {
  std::printf("%s %s after %d ms\n", what, came ? "ready,   " : "too late,", ms_since(start));
}

// [main]
Async<> yield_often() {
  for (int i = 0; i < 1000; ++i) co_await nara::yield_now();
}

void read_a_file() { std::this_thread::sleep_for(50ms); }

Async<> wait() {
  nara::time::Instant start = nara::time::now();
  const auto busy = co_await nara::time::timeout(1ms, yield_often());
  tell("a task that is busy:     ", busy.has_value(), start);

  const auto job = co_await nara::time::timeout(1ms, nara::run_blocking(read_a_file));
  tell("a job on another thread: ", job.has_value(), start);

  const auto nothing = co_await nara::time::timeout(1h, nara::pending());
  tell("nothing at all:          ", nothing.has_value(), start);
}
// [/main]

int main() { run_paused(wait); }
