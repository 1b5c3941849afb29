// What is wrong with the toy: depth costs time and stack, and every call costs an allocation.
#include <cstdio>
#include <utility>

#include "counting_new.hpp"
#include "in_a_child.hpp"
#include "toy.hpp"

long polls = 0;

// [dive]
/// Each time it is switched on, one poll of it is ready.
struct Switch {
  bool is_on = false;
  bool poll() { return std::exchange(is_on, false); }
};

/// A toy that counts how often it is polled.
struct Counted {
  Toy toy;
  bool poll() {
    ++polls;
    return toy.poll();
  }
};

/// A chain of `depth` coroutines: each awaits the next, the innermost awaits the switch, for ever.
Toy dive(int depth, Switch& leaf) {
  if (depth > 1) {
    Counted next{dive(depth - 1, leaf)};
    co_await next;
  }
  for (;;) co_await leaf;
}
// [/dive]

Toy wrap(Toy inner) { co_await inner; }

/// The same chain made from the inside out, not yet polled.
Toy wrapped(int depth, Switch& leaf) {
  Toy chain = dive(1, leaf);
  for (int i = 1; i < depth; ++i) chain = wrap(std::move(chain));
  return chain;
}

const char* fate(bool survived) { return survived ? "fine" : "stack overflow"; }

int main() {
  for (const int depth : {1, 10, 100, 1000}) {
    const long allocations_before = allocations;
    Switch leaf;
    Counted chain{dive(depth, leaf)};
    chain.poll();
    const long polls_before = polls;
    leaf.is_on = true;
    chain.poll();
    std::printf("depth %7d:  allocations: %4ld  polls for one wake: %4ld\n", depth,
                allocations - allocations_before, polls - polls_before);
  }
  for (const int depth : {1'000, 1'000'000}) {
    std::fflush(stdout);
    Switch leaf;
    const bool polled = survives([&] {
      Toy chain = dive(depth, leaf);
      chain.poll();
      ::_exit(0);
    });
    const bool destroyed = survives([&] { Toy chain = wrapped(depth, leaf); });
    std::printf("depth %7d:  poll it: %s, destroy it: %s\n", depth, fate(polled), fate(destroyed));
  }
}
