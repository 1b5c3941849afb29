// What a task costs: its turn, its wake, its birth and its end, and its memory. Takes a second.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/yield_now.hpp>
#include <vector>

#include "../../01-futures/demos/counting_new.hpp"
#include "door.hpp"
#include "toy_executor.hpp"

using nara::Async;
using nara::JoinHandle;
using Clock = std::chrono::steady_clock;

constexpr int kTimes = 200'000;

Async<> yield_often() {
  for (int i = 0; i < kTimes; ++i) co_await nara::yield_now();
}

/// Is woken, and waits again.
Async<> wait_often(Door& door) {
  for (;;) {
    co_await door;
    door.is_open = false;
  }
}

/// Wakes another task, and lets it have its turn.
Async<> wake_often() {
  Door door;
  const JoinHandle<void> other = nara::spawn(wait_often(door));
  for (int i = 0; i < kTimes; ++i) {
    co_await nara::yield_now();
    door.is_open = true;
    door.waker.wake_by_ref();
  }
  other.abort();
}

Async<> nothing() { co_return; }

Async<> spawn_and_join(int at_a_time) {
  std::vector<JoinHandle<void>> tasks;
  for (int done = 0; done < kTimes; done += at_a_time) {
    for (int i = 0; i < at_a_time; ++i) tasks.push_back(nara::spawn(nothing()));
    for (JoinHandle<void>& task : tasks) (void)co_await task;
    tasks.clear();
  }
}

struct Weight {
  long allocations;
  long bytes;
};

/// What one task takes, before anything has been recycled.
Async<Weight> weigh_a_task() {
  Door door;
  const Weight before{allocations, allocated_bytes};
  const JoinHandle<void> task = nara::spawn(wait_at(door));
  const Weight weight{allocations - before.allocations, allocated_bytes - before.bytes};
  task.abort();
  co_await nara::yield_now();
  co_return weight;
}

nara::CurrentThread executor;

struct Row {
  const char* name;
  void (*work)();
  double allocations = 0;
  std::array<double, 15> rounds{};  // nanoseconds

  void measure(double& round) {
    const long allocations_before = ::allocations;
    const Clock::time_point start = Clock::now();
    work();
    const std::chrono::duration<double, std::nano> took = Clock::now() - start;
    round = took.count() / kTimes;
    allocations = static_cast<double>(::allocations - allocations_before) / kTimes;
  }
};

std::array rows{
    Row{"an atomic read-modify-write",
        [] {
          static std::atomic<unsigned> word = 0;
          for (int i = 0; i < kTimes; ++i) word.fetch_add(1, std::memory_order_acq_rel);
        }},
    Row{"yield, in the toy executor",
        [] {
          ToyExecutor toy;
          toy.spawn(yield_often());
          toy.run();
        }},
    Row{"yield", [] { executor.block_on(yield_often()); }},
    Row{"yield, and wake another", [] { executor.block_on(wake_often()); }},
    Row{"spawn and join, one by one", [] { executor.block_on(spawn_and_join(1)); }},
    Row{"spawn and join, 50 at once", [] { executor.block_on(spawn_and_join(50)); }},
};

int main() {
  const Weight weight = executor.block_on(weigh_a_task());
  for (std::size_t round = 0; round < rows[0].rounds.size(); ++round) {
    for (Row& row : rows) row.measure(row.rounds[round]);
  }
  for (Row& row : rows) {
    std::ranges::sort(row.rounds);
    std::printf("%-28s %5.1f ns %6.2f allocations\n", row.name, row.rounds[row.rounds.size() / 2],
                row.allocations);
  }
  std::printf("a task that waits: %ld allocations, %ld bytes\n", weight.allocations, weight.bytes);
}
