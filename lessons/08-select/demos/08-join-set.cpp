// Tasks that belong together: in which order they come, and how they end.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/join_set.hpp>
#include <nara/time/sleep.hpp>

#include "paused.hpp"

using nara::Async;
using namespace std::chrono_literals;

// [main]
struct Stove {
  ~Stove() { std::printf("    a stove is off\n"); }
};

Async<int> cook(int minutes) {
  const Stove stove;
  co_await nara::time::sleep(std::chrono::minutes(minutes));
  co_return minutes;
}

// [dinner]
Async<> dinner() {
  nara::JoinSet<int> dishes;
  for (const int minutes : {30, 10, 20, 50, 40}) dishes.spawn(cook(minutes));
  while (dishes.size() > 2) {
    const std::optional<nara::TaskResult<int>> dish = co_await dishes.join_next();
    std::printf("  after %d minutes, %d left\n", dish->value(), static_cast<int>(dishes.size()));
  }
  std::printf("  enough\n");
  co_await dishes.shutdown();
  std::printf("  %d left\n", static_cast<int>(dishes.size()));
}
// [/dinner]
// [/main]

int main() { run_paused(dinner); }
