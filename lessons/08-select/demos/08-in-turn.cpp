// Two things to wait for, one after the other: each waits for the other.
#include <nara/async.hpp>
#include <nara/spawn.hpp>
#include <nara/time/interval.hpp>

#include "orders.hpp"

using nara::Async;
using namespace std::chrono_literals;

// [serve]
Async<> serve(Mailbox& orders) {
  const nara::time::Instant start = nara::time::now();
  nara::time::Interval heart = nara::time::interval_at(start + 1s, 1s);
  for (int i = 0; i < 3; ++i) {
    const std::string order = co_await orders.next();
    tell(start, order.c_str());
    co_await heart.tick();
    tell(start, "beat");
  }
}
// [/serve]

Async<> evening() {
  Mailbox orders;
  const nara::JoinHandle<void> guests = nara::spawn(order(orders));
  co_await serve(orders);
}

int main() { run_paused(evening); }
