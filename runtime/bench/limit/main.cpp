// The rows again, with bare coroutines that were written for them: what the machine asks for the
// work itself. Where a runtime comes near, nothing is left to gain.
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "../measure.hpp"
#include "coroutine.hpp"
#include "drivers.hpp"
#include "servers.hpp"

namespace {

using bench::kBatch;
using bench::keep;
using limit::Coroutine;
using limit::Queue;
using limit::Ready;
using limit::Spawned;
using limit::Yield;

// --- Tasks

Coroutine number(std::uint64_t value) { co_return value; }

Coroutine spawn_batch(std::uint64_t ops) {
  std::vector<Spawned> tasks;
  tasks.reserve(kBatch);
  for (std::uint64_t batch = 0; batch < ops / kBatch; ++batch) {
    for (std::uint64_t i = 0; i < kBatch; ++i) tasks.emplace_back(number(i));
    for (Spawned& task : tasks) {
      const std::uint64_t value = co_await task;
      keep(value);
    }
    tasks.clear();
  }
  co_return 0;
}

Coroutine spawn_each(std::uint64_t ops) {
  for (std::uint64_t i = 0; i < ops; ++i) {
    Spawned task(number(i));
    const std::uint64_t value = co_await task;
    keep(value);
  }
  co_return 0;
}

Coroutine yields(std::uint64_t ops) {
  for (std::uint64_t i = 0; i < ops; ++i) co_await Yield();
  co_return 0;
}

// --- Wakes

/// Who waits for the turn. There is one thread, and the other always waits: no lock, no flag.
struct Cell {
  Ready* waiting = nullptr;
};

/// Wakes the other, and waits for the same.
class HandOver {
 public:
  explicit HandOver(Cell& cell) noexcept : cell_(cell) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept {
    ready_.coroutine = coroutine;
    Ready* const other = std::exchange(cell_.waiting, &ready_);
    if (other != nullptr) Queue::push(*other);
  }
  void await_resume() const noexcept {}

 private:
  Cell& cell_;
  Ready ready_{};
};

Coroutine answer(Cell& cell) {
  for (;;) co_await HandOver(cell);
}

Coroutine wake(std::uint64_t ops) {
  Cell cell;
  const Spawned other(answer(cell));
  for (std::uint64_t i = 0; i < ops / 2; ++i) co_await HandOver(cell);
  co_return 0;
}

// --- Calls

/// `depth` coroutines that await each other. The innermost yields.
Coroutine nest(int depth, std::uint64_t ops) {
  if (depth > 0) {
    co_await nest(depth - 1, ops);
  } else {
    co_await yields(ops);
  }
  co_return 0;
}

template <int kDepth>
Coroutine deep(std::uint64_t ops) {
  return nest(kDepth, ops);
}

Coroutine nested(std::uint64_t ops) {
  for (std::uint64_t i = 0; i < ops; ++i) {
    const std::uint64_t value = co_await number(i);
    keep(value);
  }
  co_return 0;
}

// --- Memory

/// Waits for ever, and keeps what would be needed to go on.
class Wait {
 public:
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept { waiting_ = coroutine; }
  void await_resume() const noexcept {}

 private:
  std::coroutine_handle<> waiting_;
};

Coroutine wait() {
  co_await Wait();
  co_return 0;
}

// --- Measuring

void run(Coroutine coroutine) {
  const Spawned main(std::move(coroutine));
  Queue::run();
}

template <Coroutine (*kWork)(std::uint64_t)>
double time(std::uint64_t ops) {
  run(kWork(bench::warm_up(ops)));
  const double start = bench::cpu_nanoseconds();
  run(kWork(ops));
  return (bench::cpu_nanoseconds() - start) / static_cast<double>(ops);
}

double bytes(std::uint64_t ops) {
  std::vector<Spawned> tasks;
  tasks.reserve(ops);
  const double before = bench::heap_bytes();
  for (std::uint64_t i = 0; i < ops; ++i) tasks.emplace_back(wait());
  Queue::run();
  return (bench::heap_bytes() - before) / static_cast<double>(ops);
}

constexpr bench::Row kRows[] = {
    {"spawn-batch", time<spawn_batch>},
    {"spawn-each", time<spawn_each>},
    {"yield", time<yields>},
    {"wake", time<wake>},
    {"depth-100", time<deep<100>>},
    {"depth-1000", time<deep<1000>>},
    {"nested", time<nested>},
    {"bytes-task", bytes},
    {"timer-cancel", limit::timer_cancel},
    {"pipe-ping-pong", limit::pipe_ping_pong},
    {"idle-fds", limit::idle_fds},
};

constexpr bench::Server kServers[] = {
    {"echo", limit::serve_echo},
    {"udp", limit::serve_udp},
    {"udp-batch", limit::serve_udp_batch},
    {"http", limit::serve_http},
};

}  // namespace

int main(int argc, char** argv) {
  return bench::run({argv, static_cast<std::size_t>(argc)}, kRows, kServers);
}
