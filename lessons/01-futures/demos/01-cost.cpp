// What a coroutine costs: to resume it at any depth, to call it, to keep it. Takes a second.
#include <algorithm>
#include <array>
#include <chrono>
#include <coroutine>
#include <cstdio>
#include <cstdlib>
#include <nara/async.hpp>
#include <utility>
#include <vector>

#include "counting_new.hpp"

using nara::Async;
using nara::Context;
using nara::FramePool;
using nara::Poll;
using nara::Waker;
using Clock = std::chrono::steady_clock;

constexpr int kTimes = 1'000'000;
constexpr int kRounds = 15;
constexpr std::array kDepths{1, 10, 100, 1000};

/// Makes the compiler believe that somebody may have read and changed `value`.
template <class T>
void opaque(T& value) {
  asm volatile("" : "+m"(value) : : "memory");
}

/// Pending at its first poll, ready at the second.
class Turn {
 public:
  using Output = void;
  Poll<void> poll(Context&) noexcept {
    if (std::exchange(asked_, true)) return nara::kReady;
    return nara::kPending;
  }

 private:
  bool asked_ = false;
};

/// A coroutine, an awaiter and a driver that were written for each other, and for `Turn`.
struct Bare {
  struct promise_type {
    Bare get_return_object() { return {}; }
    std::suspend_never initial_suspend() { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::abort(); }
  };
};

struct {
  Context* context;
  Turn* leaf;
  std::coroutine_handle<> handle;
} bare_state;

struct BareAwaiter {
  Turn leaf;
  bool await_ready() noexcept { return leaf.poll(*bare_state.context).is_ready(); }
  void await_suspend(std::coroutine_handle<> handle) noexcept {
    bare_state.leaf = &leaf;
    bare_state.handle = handle;
  }
  void await_resume() noexcept {}
};

Bare bare() {
  for (;;) co_await BareAwaiter();
}

/// Asks the leaf, and resumes the coroutine when it is ready.
[[gnu::noinline]] void poll_bare(Context& context) {
  bare_state.context = &context;
  if (bare_state.leaf->poll(context).is_ready()) bare_state.handle.resume();
}

Async<> turn_for_ever() {
  for (;;) co_await Turn();
}

/// `depth` coroutines that await each other, the innermost of them the one above.
Async<> chain(int depth) {
  if (depth > 1) co_await chain(depth - 1);
  co_await turn_for_ever();
}

Async<int> one() { co_return 1; }

/// Awaits a coroutine that has its value at once, again and again.
Async<> calls() {
  for (int i = 0; i < kTimes; ++i) {
    int value = co_await one();
    opaque(value);
  }
}

/// What one of `kTimes` equal things costs.
struct Cost {
  double nanoseconds;
  double allocations;
};

template <class Work>
Cost measure(Work work) {
  const long allocations_before = allocations;
  const Clock::time_point start = Clock::now();
  work();
  const std::chrono::duration<double, std::nano> took = Clock::now() - start;
  return {took.count() / kTimes, static_cast<double>(allocations - allocations_before) / kTimes};
}

Cost median(std::array<Cost, kRounds> rounds) {
  std::ranges::sort(rounds, {}, &Cost::nanoseconds);
  return rounds[kRounds / 2];
}

int main() {
  const Waker nobody = Waker::noop();
  Context first_context(nobody);
  bare_state.context = &first_context;
  bare();
  std::vector<Async<>> chains;
  for (const int depth : kDepths) {
    chains.push_back(depth == 1 ? turn_for_ever() : chain(depth - 1));
    Context context(nobody);
    (void)chains.back().poll(context);
  }
  const auto bare_turn = [&] {
    for (int i = 0; i < kTimes; ++i) {
      Context context(nobody);
      poll_bare(context);
      opaque(bare_state);
    }
  };
  const auto poll = [&](Async<>& chain) {
    for (int i = 0; i < kTimes; ++i) {
      Context context(nobody);
      (void)chain.poll(context);
      opaque(chain);
    }
  };
  const auto call = [&] {
    Context context(nobody);
    Async<> many = calls();
    (void)many.poll(context);
  };

  // The rounds are interleaved, so that a busy moment of the machine hits every measurement.
  std::array<Cost, kRounds> bare_turns;
  std::array<std::array<Cost, kRounds>, kDepths.size()> polls;
  std::array<Cost, kRounds> plain_calls;
  std::array<Cost, kRounds> pooled_calls;
  for (int round = 0; round < kRounds; ++round) {
    bare_turns[round] = measure(bare_turn);
    for (std::size_t i = 0; i < kDepths.size(); ++i) {
      polls[i][round] = measure([&] { poll(chains[i]); });
    }
    plain_calls[round] = measure(call);
    const FramePool pool;
    pooled_calls[round] = measure(call);
  }

  const Cost unit = median(bare_turns);
  std::printf("poll a bare coroutine          %5.1f ns\n", unit.nanoseconds);
  for (std::size_t i = 0; i < kDepths.size(); ++i) {
    const double cost = median(polls[i]).nanoseconds;
    std::printf("poll a chain of depth %4d     %5.1f ns, %.1f times as much\n", kDepths[i], cost,
                cost / unit.nanoseconds);
  }
  const Cost plain = median(plain_calls);
  const Cost pooled = median(pooled_calls);
  std::printf("call a coroutine               %5.1f ns, %.2f allocations\n", plain.nanoseconds,
              plain.allocations);
  std::printf("the same with a FramePool      %5.1f ns, %.2f allocations\n", pooled.nanoseconds,
              pooled.allocations);
  const long bytes_before = allocated_bytes;
  const Async<int> smallest = one();
  std::printf("the frame of an Async<int>     %5ld bytes\n", allocated_bytes - bytes_before);
}
