// Two futures that look for an answer and leave a waker, in one order and in the other. Both times
// the answer comes exactly in between.
#include <atomic>
#include <cstdio>
#include <functional>
#include <nara/future.hpp>
#include <thread>
#include <utility>

using nara::Context;
using nara::kPending;
using nara::kReady;
using nara::Poll;
using nara::Waker;

/// Where an answer is put, and a waker left.
struct Table {
  bool has_answer = false;
  Waker waker = Waker::noop();

  /// What the server's thread does.
  void answer() {
    has_answer = true;
    std::exchange(waker, Waker::noop()).wake();
  }
};

// [futures]
struct LooksThenStores {
  using Output = void;
  Table& table;
  std::function<void()> in_between;

  // [looks]
  Poll<void> poll(Context& context) {
    if (table.has_answer) return kReady;
    in_between();
    table.waker.clone_from(context.waker());
    return kPending;
  }
  // [/looks]
};

struct StoresThenLooks {
  using Output = void;
  Table& table;
  std::function<void()> in_between;

  // [stores]
  Poll<void> poll(Context& context) {
    table.waker.clone_from(context.waker());
    in_between();
    if (table.has_answer) return kReady;
    return kPending;
  }
  // [/stores]
};
// [/futures]

/// Counts how often its waker is woken.
struct Bell {
  std::atomic<int> rings = 0;

  Waker waker() { return Waker(this, kRing); }

  static void ring(void* bell) noexcept { ++static_cast<Bell*>(bell)->rings; }
  static void nothing(void*) noexcept {}
  static constexpr nara::WakerVTable kRing{
      .clone = nothing, .wake = ring, .wake_by_ref = ring, .drop = nothing};
};

template <class F>
void try_out(const char* name) {
  Bell bell;
  Table table;
  // Another thread, but not at the same time: what happens is always the same.
  F future{table, [&] { std::jthread([&] { table.answer(); }); }};
  const Waker waker = bell.waker();
  Context context(waker);
  const bool is_ready = future.poll(context).is_ready();
  std::printf("%s: %s, woken: %d\n", name, is_ready ? "ready" : "pending", bell.rings.load());
}

int main() {
  try_out<LooksThenStores>("looks, then stores");
  try_out<StoresThenLooks>("stores, then looks");
}
