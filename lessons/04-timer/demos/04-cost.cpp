// What a deadline costs: in a heap, in a tree, in a wheel, and in the runtime. Takes some seconds.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <nara/async.hpp>
#include <nara/runtime.hpp>
#include <nara/time/timeout.hpp>
#include <nara/yield_now.hpp>
#include <random>
#include <vector>

#include "../../01-futures/demos/counting_new.hpp"
#include "queues.hpp"

using nara::Async;
using namespace std::chrono_literals;

constexpr std::uint64_t kMinute = 60'000;  // In ticks.
constexpr std::uint64_t kLimit = kMinute / 2;

/// Of this program, on any processor: another that runs at the same time does not count.
double nanoseconds_since(std::clock_t start) {
  return static_cast<double>(std::clock() - start) * 1e9 / CLOCKS_PER_SEC;
}

/// The middle one of five rounds.
template <class Work>
double median(Work work) {
  std::array<double, 5> rounds{};
  for (double& round : rounds) round = work();
  std::ranges::sort(rounds);
  return rounds[rounds.size() / 2];
}

/// Requests come, get half a minute each, and are answered at once: so many in a millisecond.
template <class Queue>
double serve(std::size_t requests) {
  Queue queue;
  std::vector<typename Queue::Timer> timers(requests);
  std::uint64_t now = 0;
  const auto serve_until = [&](std::uint64_t until) {
    for (; now < until; ++now) {
      while (queue.expire_one(now)) {
      }
      for (auto& timer : timers) queue.set(timer, now + kLimit);
      for (auto& timer : timers) queue.cancel(timer);
    }
  };
  serve_until(kLimit);  // Until as many go as come.
  const std::clock_t start = std::clock();
  serve_until(2 * kLimit);
  return nanoseconds_since(start) / static_cast<double>(requests * kLimit);
}

/// So many connections wait. Now and then one of them has news, and gets another minute.
template <class Queue>
double move(std::size_t connections) {
  constexpr std::size_t kMoves = 1'000'000;
  std::minstd_rand random;
  Queue queue;
  std::vector<typename Queue::Timer> timers(connections);
  for (auto& timer : timers) queue.set(timer, 1 + random() % kMinute);
  std::vector<std::size_t> order(kMoves);
  for (std::size_t& which : order) which = random() % connections;
  const std::clock_t start = std::clock();
  for (std::size_t i = 0; i < kMoves; ++i) {
    queue.cancel(timers[order[i]]);
    queue.set(timers[order[i]], kMinute + i / 20);
  }
  const double took = nanoseconds_since(start) / kMoves;
  for (auto& timer : timers) queue.cancel(timer);
  return took;
}

/// So many sleep, and each of them is woken.
template <class Queue>
double ring(std::size_t sleepers) {
  std::minstd_rand random;
  Queue queue;
  std::vector<typename Queue::Timer> timers(sleepers);
  const std::clock_t start = std::clock();
  for (auto& timer : timers) queue.set(timer, 1 + random() % kMinute);
  for (std::uint64_t now = 1; now <= kMinute; ++now) {
    while (queue.expire_one(now)) {
    }
  }
  return nanoseconds_since(start) / static_cast<double>(sleepers);
}

/// Takes and shows the measurement for each of the four.
template <class Measure>
void row(const char* name, Measure measure) {
  std::printf("%-36s %9.0f %6.0f %6.0f %6.0f\n", name, measure.template operator()<LazyHeap>(),
              measure.template operator()<Heap>(), measure.template operator()<Tree>(),
              measure.template operator()<Wheel>());
}

constexpr int kTimes = 200'000;

Async<> yield_often() {
  for (int i = 0; i < kTimes; ++i) co_await nara::yield_now();
}

Async<> limit_often() {
  for (int i = 0; i < kTimes; ++i) (void)co_await nara::time::timeout(30s, nara::yield_now());
}

/// Each of them is woken by the clock.
Async<> sleep_often() {
  for (int i = 0; i < kTimes; ++i) co_await nara::time::sleep(1ms);
}

Async<> sleep_long() { co_await nara::time::sleep(1h); }

Async<> weigh_a_sleeper() {
  const long before = allocated_bytes;
  const nara::JoinHandle<void> task = nara::spawn(sleep_long());
  const long bytes = allocated_bytes - before;
  std::printf("a task that sleeps: %ld bytes, of which %zu are its sleep\n", bytes,
              sizeof(nara::time::Sleep));
  task.abort();
  co_await nara::yield_now();
}

void row_of_runtime(nara::Runtime& runtime, const char* name, Async<> (*work)()) {
  const double took = median([&] {
    const std::clock_t start = std::clock();
    runtime.block_on(work());
    return nanoseconds_since(start) / kTimes;
  });
  std::printf("%-36s %9.0f ns\n", name, took);
}

int main() {
  std::printf("%-36s %9s %6s %6s %6s\n", "nanoseconds", "lazy heap", "heap", "tree", "wheel");
  row("set and cancel, 1 at a time", []<class Queue>() { return serve<Queue>(1); });
  row("set and cancel, 33 at a time", []<class Queue>() { return serve<Queue>(33); });
  row("move 1 of 1,000", []<class Queue>() { return move<Queue>(1'000); });
  row("move 1 of 1,000,000", []<class Queue>() { return move<Queue>(1'000'000); });
  row("set and ring, 1,000,000", []<class Queue>() { return ring<Queue>(1'000'000); });

  nara::Runtime::Builder builder = nara::Runtime::Builder::current_thread().enable_time();
  nara::Runtime runtime = builder.build().value();
  nara::Runtime paused = builder.start_paused().build().value();
  runtime.block_on(weigh_a_sleeper());
  row_of_runtime(runtime, "yield", yield_often);
  row_of_runtime(runtime, "yield, with a time limit", limit_often);
  row_of_runtime(paused, "sleep, with a paused clock", sleep_often);
}
