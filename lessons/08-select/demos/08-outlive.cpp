// Tasks that outlive the one who spawned them, and tasks that do not.
#include <cstdio>
#include <nara/abort_on_drop.hpp>
#include <nara/async.hpp>
#include <nara/join_set.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>

#include "paused.hpp"

using nara::Async;
using namespace std::chrono_literals;

// [helper]
Async<> help(const char* name) {
  co_await nara::time::sleep(50ms);
  std::printf("  %s works for nobody\n", name);
}
// [/helper]

// [spawns]
/// Two helpers. They are not asked to stop when this is.
Async<> spawns() {
  nara::JoinHandle<void> one = nara::spawn(help, "one");
  nara::JoinHandle<void> two = nara::spawn(help, "two");
  (void)co_await one;
  (void)co_await two;
}
// [/spawns]

// [set]
/// The same. They go when the set goes.
Async<> has_a_set() {
  nara::JoinSet<void> helpers;
  helpers.spawn(help, "one");
  helpers.spawn(help, "two");
  while (!helpers.empty()) {
    const auto ended = co_await helpers.join_next();
  }
}

/// The same for one of them.
Async<> has_a_guard() {
  nara::AbortOnDrop helper(nara::spawn(help, "one"));
  (void)co_await helper;
}
// [/set]

// [main]
Async<> give_up(const char* name, Async<> (*work)()) {
  std::printf("%s\n", name);
  (void)co_await nara::time::timeout(10ms, work());
  std::printf("  given up\n");
  co_await nara::time::sleep(100ms);
}
// [/main]

Async<> all() {
  co_await give_up("spawn()", spawns);
  co_await give_up("JoinSet", has_a_set);
  co_await give_up("AbortOnDrop", has_a_guard);
}

int main() { run_paused(all); }
