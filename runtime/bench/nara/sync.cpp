// Tasks that share a lock, or send each other numbers.
#include "sync.hpp"

#include <cstdint>
#include <nara/async.hpp>
#include <nara/join_handle.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/mutex.hpp>
#include <nara/yield_now.hpp>
#include <vector>

#include "../measure.hpp"

namespace bench {

namespace {

using nara::Async;
using nara::JoinHandle;
using nara::spawn;
using nara::yield_now;
using Counter = nara::sync::Mutex<std::uint64_t>;

/// Divides 1,000.
constexpr std::uint64_t kContenders = 8;

// --- Mutex

/// Counts, and lets the others see that it is locked.
Async<> contend(Counter& counter, std::uint64_t times) {
  for (std::uint64_t i = 0; i < times; ++i) {
    const auto count = co_await counter.lock();
    ++*count;
    co_await yield_now();
  }
}

}  // namespace

Async<> mutex_free(std::uint64_t ops) {
  Counter counter;
  for (std::uint64_t i = 0; i < ops; ++i) {
    const auto count = co_await counter.lock();
    ++*count;
  }
  keep(counter.get());
}

Async<> mutex_contended(std::uint64_t ops) {
  Counter counter;
  std::vector<JoinHandle<void>> tasks;
  for (std::uint64_t i = 0; i < kContenders; ++i) {
    tasks.push_back(spawn(contend(counter, ops / kContenders)));
  }
  for (JoinHandle<void>& task : tasks) (void)co_await task;
  keep(counter.get());
}

}  // namespace bench
