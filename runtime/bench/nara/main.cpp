// What Nara costs: `bench-nara ROW OPS` measures a row and prints a line of JSON, `bench-nara list`
// prints the names of its rows.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/join_handle.hpp>
#include <nara/spawn.hpp>
#include <nara/yield_now.hpp>
#include <utility>
#include <vector>

#include "../measure.hpp"
#include "drivers.hpp"
#include "inside.hpp"
#include "servers.hpp"
#include "sync.hpp"

namespace {

using bench::bytes;
using bench::kBatch;
using bench::keep;
using bench::time;
using nara::Async;
using nara::Context;
using nara::JoinHandle;
using nara::kPending;
using nara::kReady;
using nara::Poll;
using nara::spawn;
using nara::Waker;
using nara::yield_now;

// --- Tasks

Async<std::uint64_t> number(std::uint64_t value) { co_return value; }

Async<> spawn_batch(std::uint64_t ops) {
  std::vector<JoinHandle<std::uint64_t>> handles;
  handles.reserve(kBatch);
  for (std::uint64_t batch = 0; batch < ops / kBatch; ++batch) {
    for (std::uint64_t i = 0; i < kBatch; ++i) handles.push_back(spawn(number(i)));
    for (JoinHandle<std::uint64_t>& handle : handles) {
      const auto result = co_await handle;
      keep(result.value());
    }
    handles.clear();
  }
}

Async<> spawn_each(std::uint64_t ops) {
  for (std::uint64_t i = 0; i < ops; ++i) {
    const auto result = co_await spawn(number(i));
    keep(result.value());
  }
}

Async<> yields(std::uint64_t ops) {
  for (std::uint64_t i = 0; i < ops; ++i) co_await yield_now();
}

// --- Wakers

/// Whose turn it is, and who waits for it. Two tasks share it that may be on two threads, so it has
/// a lock: a flag, since the rest is over in a moment, and mutexes are not what is measured.
struct Cell {
  std::atomic_flag is_locked;
  int turn = 0;
  Waker waiting = Waker::noop();

  void lock() noexcept {
    while (is_locked.test_and_set(std::memory_order_acquire)) {
    }
  }
  void unlock() noexcept { is_locked.clear(std::memory_order_release); }
};

/// Gives the turn to the other, if it is mine, and waits until I have it again.
class HandOver {
 public:
  using Output = void;

  HandOver(Cell& cell, int me) noexcept : cell_(cell), me_(me) {}

  Poll<void> poll(Context& context) noexcept {
    const bool is_begun = std::exchange(is_begun_, true);
    std::unique_lock lock(cell_);
    const bool is_mine = cell_.turn == me_;
    if (is_mine && is_begun) return kReady;
    Waker before = std::exchange(cell_.waiting, context.waker().clone());
    if (is_mine) cell_.turn = 1 - me_;
    lock.unlock();
    if (is_mine) std::move(before).wake();
    return kPending;
  }

 private:
  Cell& cell_;
  const int me_;
  bool is_begun_ = false;
};

Async<> answer(Cell& cell) {
  for (;;) co_await HandOver(cell, 1);
}

Async<> wake(std::uint64_t ops) {
  Cell cell;
  JoinHandle<void> other = spawn(answer(cell));
  for (std::uint64_t i = 0; i < ops / 2; ++i) co_await HandOver(cell, 0);  // and back
  other.abort();
  const auto end = co_await other;
  keep(end);
}

// --- Calls

/// `depth` coroutines that await each other. The innermost yields.
Async<> nest(int depth, std::uint64_t ops) {
  if (depth > 0) {
    co_await nest(depth - 1, ops);
  } else {
    co_await yields(ops);
  }
}

Async<> nest_100(std::uint64_t ops) { return nest(100, ops); }
Async<> nest_1000(std::uint64_t ops) { return nest(1000, ops); }

Async<> nested(std::uint64_t ops) {
  for (std::uint64_t i = 0; i < ops; ++i) {
    const std::uint64_t value = co_await number(i);
    keep(value);
  }
}

// --- Memory

/// Waits for ever, and keeps its waker meanwhile.
class Wait {
 public:
  using Output = void;

  Poll<void> poll(Context& context) noexcept {
    waker_.clone_from(context.waker());
    return kPending;
  }

 private:
  Waker waker_ = Waker::noop();
};

Async<> wait() { co_await Wait(); }

void spawn_coroutine() { (void)spawn(wait()); }
void spawn_future() { (void)spawn(Wait()); }

// --- Measuring

template <auto kMeasure, auto kWork>
double measure(std::uint64_t ops) {
  nara::CurrentThread executor;
  return executor.block_on(kMeasure(kWork, ops));
}

constexpr bench::Row kRows[] = {
    {"spawn-batch", measure<time, spawn_batch>},
    {"spawn-each", measure<time, spawn_each>},
    {"yield", measure<time, yields>},
    {"wake", measure<time, wake>},
    {"depth-100", measure<time, nest_100>},
    {"depth-1000", measure<time, nest_1000>},
    {"nested", measure<time, nested>},
    {"bytes-task", measure<bytes, spawn_coroutine>},
    {"bytes-future", measure<bytes, spawn_future>},
    {"mutex-free", measure<time, bench::mutex_free>},
    {"mutex-8", measure<time, bench::mutex_contended>},
    {"mpsc-1", measure<time, bench::mpsc_from_1>},
    {"mpsc-4", measure<time, bench::mpsc_from_4>},
    {"mpsc-unbounded", measure<time, bench::mpsc_unbounded>},
    {"ping-pong", measure<time, bench::mpsc_ping_pong>},
    {"sleep-cancel", bench::sleep_cancel},
    {"timer-cancel", bench::timer_cancel},
    {"timer-fire", bench::timer_fire},
    {"timer-late", bench::timer_late},
    {"timer-late-99", bench::timer_late_99},
    {"timer-late-max", bench::timer_late_max},
    {"bytes-sleep", bench::bytes_sleep},
    {"pipe-ping-pong", bench::pipe_ping_pong},
    {"pipe-timeout", bench::pipe_timeout},
    {"idle-fds", bench::idle_fds},
    {"idle-cpu", bench::idle_cpu},
};

constexpr bench::Server kServers[] = {
    {"echo", bench::serve_echo},
    {"http", bench::serve_http},
    {"udp", bench::serve_udp},
    {"udp-batch", bench::serve_udp_batch},
};

}  // namespace

int main(int argc, char** argv) {
  return bench::run({argv, static_cast<std::size_t>(argc)}, kRows, kServers);
}
