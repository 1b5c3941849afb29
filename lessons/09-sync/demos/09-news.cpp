// The same six numbers, told to somebody who is slow: by a watch, and by a broadcast that keeps
// four.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/sync/broadcast.hpp>
#include <nara/sync/watch.hpp>

using nara::Async;
namespace broadcast = nara::sync::broadcast;
namespace watch = nara::sync::watch;

namespace {

// [watch]
Async<> newest() {
  auto [sender, receiver] = watch::channel(0);
  for (int temperature = 1; temperature <= 6; ++temperature) (void)sender.send(temperature);
  (void)co_await receiver.changed();
  std::printf("watch:     %d\n", *receiver.borrow_and_update());
}
// [/watch]

// [broadcast]
Async<> all_of_them() {
  auto [sender, receiver] = broadcast::channel<int>(4);
  for (int order = 1; order <= 6; ++order) (void)sender.send(order);
  std::printf("broadcast:");
  while (!receiver.is_empty()) {
    const auto order = co_await receiver.recv();
    if (order) {
      std::printf(" %d", *order);
    } else {
      std::printf(" (%d are lost)", static_cast<int>(order.error().lagged()));
    }
  }
  std::printf("\n");
}
// [/broadcast]

Async<> both() {
  co_await newest();
  co_await all_of_them();
}

}  // namespace

int main() { nara::block_on(both()); }
