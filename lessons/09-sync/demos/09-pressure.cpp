// A fast producer and a slow consumer: how long does the queue between them get?
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/join.hpp>
#include <nara/sync/mpsc.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <utility>

using nara::Async;
namespace mpsc = nara::sync::mpsc;

namespace {

constexpr int kDishes = 1000;

// [unbounded]
Async<> cook_at_once(mpsc::UnboundedSender<int> counter) {
  for (int dish = 0; dish < kDishes; ++dish) {
    (void)counter.send(dish);
    co_await nara::yield_now();
  }
}
// [/unbounded]

// [bounded]
Async<> cook_when_there_is_room(mpsc::Sender<int> counter) {
  for (int dish = 0; dish < kDishes; ++dish) {
    (void)co_await counter.send(dish);
    co_await nara::yield_now();
  }
}
// [/bounded]

/// Brings each dish to its table, which takes three turns.
template <class Receiver>
Async<std::size_t> serve(Receiver counter) {
  std::size_t longest = 0;
  for (;;) {
    const std::optional<int> dish = co_await counter.recv();
    if (!dish) co_return longest;
    longest = std::max(longest, counter.size());
    for (int turn = 0; turn < 3; ++turn) co_await nara::yield_now();
  }
}

Async<> both() {
  auto [at_once, all] = mpsc::unbounded_channel<int>();
  nara::JoinHandle<void> cook = nara::spawn(cook_at_once(std::move(at_once)));
  const std::size_t unbounded = co_await serve(std::move(all));
  auto [waits, few] = mpsc::channel<int>(10);
  nara::JoinHandle<void> other = nara::spawn(cook_when_there_is_room(std::move(waits)));
  const std::size_t bounded = co_await serve(std::move(few));
  std::printf("no bound:  up to %zu dishes get cold\n", unbounded);
  std::printf("bound 10:  up to %zu\n", bounded);
}

}  // namespace

int main() { nara::block_on(both()); }
