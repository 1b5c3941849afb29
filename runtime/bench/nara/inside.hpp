// Measuring inside of a task, where programs do their work.
#pragma once

#include <cstdint>
#include <nara/async.hpp>
#include <nara/yield_now.hpp>

#include "../measure.hpp"

namespace bench {

/// CPU nanoseconds for each of `ops` operations that `work` does, after a warm-up.
inline nara::Async<double> time(nara::Async<> (*work)(std::uint64_t), std::uint64_t ops) {
  co_await work(warm_up(ops));
  const double start = cpu_nanoseconds();
  co_await work(ops);
  co_return (cpu_nanoseconds() - start) / static_cast<double>(ops);
}

/// Bytes on the heap for each of `tasks` tasks that `spawn_one` makes, and that wait.
inline nara::Async<double> bytes(void (*spawn_one)(), std::uint64_t tasks) {
  const double before = heap_bytes();
  for (std::uint64_t batch = 0; batch < tasks / kBatch; ++batch) {
    for (std::uint64_t i = 0; i < kBatch; ++i) spawn_one();
    co_await nara::yield_now();  // all of them run, until they wait
  }
  co_return (heap_bytes() - before) / static_cast<double>(tasks);
}

}  // namespace bench
