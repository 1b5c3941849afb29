// Watches a coroutine stop in the middle of a function, twice, and go on where it was.
#include <cstdio>
#include <utility>

#include "toy.hpp"

// [main]
/// Pending once, then ready.
struct Pause {
  bool asked = false;
  bool poll() { return std::exchange(asked, true); }
};

Toy inner() {
  std::printf("    inner begins\n");
  Pause pause;
  co_await pause;
  std::printf("    inner ends\n");
}

Toy outer() {
  std::printf("  outer begins\n");
  co_await inner();
  std::printf("  outer ends\n");
}

int main() {
  Toy toy = outer();
  std::printf("called\n");
  for (bool ended = false; !ended;) {
    ended = toy.poll();
    std::printf("polled: %s\n", ended ? "ready" : "pending");
  }
}
// [/main]
