// Two cooks, and a board with room for two orders. Six dishes are ordered.
#include <array>
#include <chrono>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/main.hpp>
#include <nara/time/sleep.hpp>
#include <string>
#include <worker_pool.hpp>

namespace {

using namespace std::chrono_literals;
using nara::Async;
using nara::time::sleep;

Async<> cook(std::string dish, std::chrono::milliseconds time) {
  std::printf("           %s is on the stove\n", dish.c_str());
  co_await sleep(time);
  std::printf("           %s is ready\n", dish.c_str());
}

Async<> kitchen() {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  struct Order {
    const char* dish;
    std::chrono::milliseconds time;
  };
  WorkerPool cooks(2, 2);
  for (const Order& order :
       std::array{Order{"soup", 300ms}, Order{"roast", 700ms}, Order{"salad", 300ms},
                  Order{"pasta", 300ms}, Order{"rice", 300ms}, Order{"fish", 300ms}}) {
    std::printf("%s, please\n", order.dish);
    const bool is_accepted = co_await cooks.submit(Job(cook(order.dish, order.time)));
    std::printf("%s: %s\n", order.dish, is_accepted ? "on the board" : "sorry");
  }
  std::printf("we close\n");
  co_await cooks.shutdown();
  std::printf("good night\n");
}

}  // namespace

int main() { return nara::main(kitchen); }
