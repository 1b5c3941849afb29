// Tasks that sleep, and those that are cancelled before they would have woken up.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <nara/async.hpp>
#include <nara/context.hpp>
#include <nara/join_handle.hpp>
#include <nara/poll.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <nara/yield_now.hpp>
#include <vector>

#include "drivers.hpp"
#include "inside.hpp"

namespace bench {

namespace {

using namespace std::chrono_literals;
using nara::Async;
using nara::Context;
using nara::JoinHandle;
using nara::Poll;
using nara::spawn;
using nara::time::Duration;
using nara::time::Instant;

// --- Cancelled

class Never {
 public:
  using Output = void;
  Poll<void> poll(Context&) noexcept { return nara::kPending; }
};

auto sleep_an_hour() { return nara::time::sleep(1h); }
auto timeout_of_an_hour() { return nara::time::timeout(1h, Never()); }

/// Makes a future, polls it once, and drops it.
template <auto kMake>
class Cancel {
 public:
  using Output = void;
  Poll<void> poll(Context& context) {
    auto future = kMake();
    const auto answer = future.poll(context);
    keep(answer);
    return nara::kReady;
  }
};

template <auto kMake>
Async<> cancels(std::uint64_t ops) {
  for (std::uint64_t i = 0; i < ops; ++i) co_await Cancel<kMake>();
}

// --- Fired

Async<> sleeper(Instant deadline) { co_await nara::time::sleep_until(deadline); }

/// The same, and says how late it was.
Async<Duration> late_sleeper(Instant deadline) {
  co_await nara::time::sleep_until(deadline);
  co_return std::chrono::steady_clock::now() - deadline;
}

/// Spawns sleepers whose deadlines are `apart`, in no order. The first deadline comes when all of
/// them have had the time to begin.
template <class T>
Async<std::vector<JoinHandle<T>>> spawn_sleepers(std::uint64_t ops, Duration apart,
                                                 Async<T> (*sleeper)(Instant)) {
  constexpr std::uint64_t kStep = 7919;  // A prime, so each deadline comes once.
  const Instant begin = std::chrono::steady_clock::now() + 2us * ops;
  std::vector<JoinHandle<T>> tasks;
  tasks.reserve(ops);
  for (std::uint64_t i = 0; i < ops; ++i) {
    tasks.push_back(spawn(sleeper(begin + apart * (i * kStep % ops))));
    if (i % kBatch == kBatch - 1) co_await nara::yield_now();
  }
  co_return tasks;
}

Async<> fires(std::uint64_t ops) {
  std::vector<JoinHandle<void>> tasks = co_await spawn_sleepers(ops, 1us, sleeper);
  for (JoinHandle<void>& task : tasks) (void)co_await task;
}

/// In milliseconds: so many of a hundred are not later than that.
Async<double> lateness(std::uint64_t ops, unsigned percent) {
  std::vector<JoinHandle<Duration>> tasks = co_await spawn_sleepers(ops, 10us, late_sleeper);
  std::vector<Duration> late;
  for (JoinHandle<Duration>& task : tasks) late.push_back((co_await task).value());
  std::ranges::sort(late);
  const Duration at = late[(late.size() - 1) * percent / 100];
  co_return std::chrono::duration<double, std::milli>(at).count();
}

Async<> sleep_long() { co_await sleep_an_hour(); }

void spawn_sleeper() { (void)spawn(sleep_long()); }

}  // namespace

double sleep_cancel(std::uint64_t ops) {
  return run_with_drivers(time(cancels<sleep_an_hour>, ops));
}
double timer_cancel(std::uint64_t ops) {
  return run_with_drivers(time(cancels<timeout_of_an_hour>, ops));
}
double timer_fire(std::uint64_t ops) { return run_with_drivers(time(fires, ops)); }
double timer_late(std::uint64_t ops) { return run_with_drivers(lateness(ops, 50)); }
double timer_late_99(std::uint64_t ops) { return run_with_drivers(lateness(ops, 99)); }
double timer_late_max(std::uint64_t ops) { return run_with_drivers(lateness(ops, 100)); }
double bytes_sleep(std::uint64_t ops) { return run_with_drivers(bytes(spawn_sleeper, ops)); }

}  // namespace bench
