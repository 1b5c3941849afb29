// A waiter who does not wait for ever.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <string>

#include "paused.hpp"

using nara::Async;
using namespace std::chrono_literals;

struct Stove {
  ~Stove() { std::printf("  the stove is off\n"); }
};

// [main]
Async<std::string> cook() {
  const Stove stove;
  co_await nara::time::sleep(3min);
  co_return "an egg";
}

void tell(const std::expected<std::string, nara::time::Elapsed>& dish, nara::time::Instant start) {
  const int minutes = ms_since(start) / 60'000;
  std::printf("after %d min: %s\n", minutes, dish ? dish->c_str() : "too late");
}

// [order]
Async<> order() {
  const nara::time::Instant start = nara::time::now();
  const auto hasty = co_await nara::time::timeout(1min, cook());
  tell(hasty, start);

  Async<std::string> egg = cook();
  const auto first = co_await nara::time::timeout(1min, egg);
  tell(first, start);
  const auto second = co_await nara::time::timeout(5min, egg);
  tell(second, start);
}
// [/order]
// [/main]

int main() { run_paused(order); }
