// What waiting for several things costs, counted.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/join.hpp>
#include <nara/join_set.hpp>
#include <nara/select.hpp>
#include <nara/time/sleep.hpp>
#include <vector>

#include "../../01-futures/demos/counting_new.hpp"
#include "paused.hpp"

using nara::Async;
using nara::time::Instant;
using namespace std::chrono_literals;

// [polls]
long polls = 0;

/// A sleep that counts how often it is asked.
class Counted {
 public:
  using Output = void;

  explicit Counted(Instant until) : sleep_(until) {}

  nara::Poll<void> poll(nara::Context& context) {
    ++polls;
    return sleep_.poll(context);
  }

 private:
  nara::time::Sleep sleep_;
};

/// One that ends after each millisecond.
Async<> join_all(int count) {
  const Instant start = nara::time::now();
  std::vector<Counted> sleeps;
  for (int i = 1; i <= count; ++i) sleeps.emplace_back(start + i * 1ms);
  (void)co_await nara::join(std::move(sleeps));
}

Async<> spawn_all(int count) {
  const Instant start = nara::time::now();
  nara::JoinSet<void> tasks;
  for (int i = 1; i <= count; ++i) tasks.spawn(Counted(start + i * 1ms));
  while (!tasks.empty()) {
    const auto ended = co_await tasks.join_next();
  }
}
// [/polls]

Async<> row(int count) {
  polls = 0;
  co_await join_all(count);
  const long joined = polls;
  polls = 0;
  co_await spawn_all(count);
  std::printf("%7d %9ld %9ld\n", count, joined, polls);
}

Async<> select_often() {
  for (int i = 0; i < 1000; ++i) {
    (void)co_await nara::select(nara::ready(1), nara::time::sleep(1h));
  }
}

Async<> spawn_often() {
  nara::JoinSet<int> tasks;
  for (int i = 0; i < 1000; ++i) {
    tasks.spawn(nara::ready(1));
    const auto ended = co_await tasks.join_next();
  }
}

Async<> row_of_allocations(const char* name, Async<> (*work)()) {
  const long before = allocations;
  co_await work();
  std::printf("%-24s %4.1f\n", name, static_cast<double>(allocations - before) / 1000);
}

Async<> all() {
  std::printf("futures     polls by\n           join()   JoinSet\n");
  for (const int count : {1, 10, 100, 1000}) co_await row(count);
  std::printf("allocations for one of\n");
  co_await row_of_allocations("  select()", select_often);
  co_await row_of_allocations("  spawn into a JoinSet", spawn_often);
}

int main() { run_paused(all); }
