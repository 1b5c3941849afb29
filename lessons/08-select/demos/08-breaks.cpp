// What is wrong with the toy; beside it, what the layer does.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/select.hpp>

#include "paused.hpp"
#include "toy_select.hpp"

using nara::Async;
using nara::on;

const char* yes_or_no(bool yes) { return yes ? "yes" : "no"; }

// [key]
/// There is one key to the cellar. Who waits there has it.
bool key_is_here = true;

struct Key {
  Key() { key_is_here = false; }
  Key(const Key&) = delete;
  ~Key() { key_is_here = true; }
};

Async<int> wait_in_the_cellar() {
  const Key key;
  co_await nara::pending();
  co_return 0;
}

Async<int> ring() { co_return 1; }

void look_for_key(int) { std::printf("  the key is here: %s\n", yes_or_no(key_is_here)); }

Async<> losers_live() {
  std::printf("the bell rings\n");
  {
    ToySelect toy{wait_in_the_cellar(), look_for_key, ring(), look_for_key};
    co_await toy;
  }
  co_await nara::select_biased(on(wait_in_the_cellar(), look_for_key), on(ring(), look_for_key));
}
// [/key]

// [starves]
Async<> first_wins() {
  int left = 0;
  int right = 0;
  const auto to_left = [&left](int) { ++left; };
  const auto to_right = [&right](int) { ++right; };
  for (int i = 0; i < 1000; ++i) {
    ToySelect toy{nara::ready(1), to_left, nara::ready(1), to_right};
    co_await toy;
  }
  std::printf("both are always ready\n  %d to %d\n", left, right);
  left = right = 0;
  for (int i = 0; i < 1000; ++i) {
    co_await nara::select(on(nara::ready(1), to_left), on(nara::ready(1), to_right));
  }
  std::printf("  %d to %d\n", left, right);
}
// [/starves]

// [again]
Async<> asked_again() {
  std::printf("the bell has rung, and is asked again\n");
  const auto hear = [](int) {};
  ToySelect toy{ring(), hear, nara::pending<int>(), hear};
  co_await toy;
  try {
    co_await toy;
  } catch (const nara::Misuse& misuse) {
    std::printf("  %s\n", misuse.what());
  }
}
// [/again]

Async<> all() {
  co_await losers_live();
  co_await first_wins();
  co_await asked_again();
}

int main() { run_paused(all); }
