// The same waiter and the same cook, with a queue that tasks wait for.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/join.hpp>
#include <string>

#include "toy_counter.hpp"

using nara::Async;

Async<> wait_at_table(ToyCounter& counter) {
  std::printf("the waiter waits for a dish\n");
  const std::string dish = co_await counter.take();
  std::printf("the waiter has %s\n", dish.c_str());
}

Async<> cook(ToyCounter& counter) {
  std::printf("the cook puts a soup on the counter\n");
  counter.put("soup");
  co_return;
}

int main() {
  ToyCounter counter;
  nara::block_on(nara::join(wait_at_table(counter), cook(counter)));
}
