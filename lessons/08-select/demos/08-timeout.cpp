// A time limit is a select with a sleep; and what it means that one of them is asked first.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/select.hpp>
#include <nara/time/timeout.hpp>

#include "paused.hpp"

using nara::Async;
using namespace std::chrono_literals;

// [timeout]
Async<int> work(nara::time::Duration takes) {
  co_await nara::time::sleep(takes);
  co_return 1;
}

/// True when the value came: with timeout(), or with a select.
Async<bool> limited(nara::time::Duration takes) {
  const auto value = co_await nara::time::timeout(10ms, work(takes));
  co_return value.has_value();
}

// [race]
Async<bool> biased(nara::time::Duration takes) {
  const auto first = co_await nara::select_biased(work(takes), nara::time::sleep(10ms));
  co_return first.index() == 0;
}

Async<bool> fair(nara::time::Duration takes) {
  const auto first = co_await nara::select(work(takes), nara::time::sleep(10ms));
  co_return first.index() == 0;
}
// [/race]
// [/timeout]

Async<> row(const char* name, Async<bool> (*race)(nara::time::Duration)) {
  std::printf("%-15s", name);
  for (const nara::time::Duration takes : {9ms, 10ms, 11ms}) {
    int values = 0;
    for (int i = 0; i < 1000; ++i) {
      const bool has_value = co_await race(takes);
      values += has_value ? 1 : 0;
    }
    std::printf("%8d", values);
  }
  std::printf("\n");
}

Async<> all() {
  std::printf("work takes         9 ms   10 ms   11 ms\n");
  co_await row("timeout", limited);
  co_await row("select_biased", biased);
  co_await row("select", fair);
}

int main() { run_paused(all); }
