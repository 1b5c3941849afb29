// What broke the toy, done with Async.
#include <cstdio>
#include <nara/async.hpp>
#include <utility>

#include "in_a_child.hpp"

using nara::Async;
using nara::Context;
using nara::Poll;
using nara::Waker;

/// Each time it is switched on, one poll of it is ready. Nobody needs to be woken: the program
/// polls when it has switched.
struct Switch {
  using Output = void;
  bool is_on = false;
  Poll<void> poll(Context&) noexcept {
    if (!std::exchange(is_on, false)) return nara::kPending;
    return nara::kReady;
  }
};

/// A chain of `depth` coroutines: each awaits the next, the innermost awaits the switch `times`
/// times.
Async<> dive(int depth, int times, Switch& leaf) {
  if (depth > 1) {
    co_await dive(depth - 1, times, leaf);
  } else {
    for (int i = 0; i < times; ++i) co_await leaf;
  }
}

Async<> nothing() { co_return; }

Async<> loop(int times) {
  for (int i = 0; i < times; ++i) co_await nothing();
}

const char* fate(bool survived) { return survived ? "fine" : "stack overflow"; }

int main() {
  const Waker nobody = Waker::noop();
  for (const int depth : {1, 10, 100, 1000}) {
    Switch leaf;
    Async<> chain = dive(depth, 2, leaf);
    Context first(nobody);
    (void)chain.poll(first);
    leaf.is_on = true;
    Context second(nobody);
    (void)chain.poll(second);
    std::printf("depth %7d:  coroutines resumed for one wake: %u\n", depth, second.resumes());
  }
  for (const int depth : {1'000, 1'000'000}) {
    std::fflush(stdout);
    Switch leaf;
    Context context(nobody);
    const bool polled = survives([&] {
      Async<> chain = dive(depth, 1, leaf);
      (void)chain.poll(context);
      ::_exit(0);
    });
    const bool returned = survives([&] {
      Async<> chain = dive(depth, 1, leaf);
      (void)chain.poll(context);
      leaf.is_on = true;
      (void)chain.poll(context);
    });
    const bool destroyed = survives([&] {
      Async<> chain = dive(depth, 1, leaf);
      (void)chain.poll(context);
    });
    std::printf("depth %7d:  poll it: %s, let it return: %s, destroy it: %s\n", depth, fate(polled),
                fate(returned), fate(destroyed));
  }
  const bool looped = survives([&] {
    Context context(nobody);
    Async<> calls = loop(1'000'000);
    (void)calls.poll(context);
  });
  std::printf("1000000 calls in a loop: %s\n", fate(looped));
}
