// Two tasks on one thread: a cook who works, and a waiter who waits.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/yield_now.hpp>

#include "doorbell.hpp"
#include "toy_executor.hpp"

using nara::Async;

// [main]
Async<> wait_at_table(Doorbell& bell) {
  std::printf("waiter: waits\n");
  co_await bell;
  std::printf("waiter: serves the dish\n");
}

Async<> cook(Doorbell& bell) {
  for (int left = 3; left > 0; --left) {
    std::printf("cook:   %d minutes more\n", left);
    co_await nara::yield_now();
  }
  std::printf("cook:   rings\n");
  bell.ring();
  std::printf("cook:   goes home\n");
}

int main() {
  Doorbell bell;
  ToyExecutor executor;
  executor.spawn(wait_at_table(bell));
  executor.spawn(cook(bell));
  executor.run();
}
// [/main]
