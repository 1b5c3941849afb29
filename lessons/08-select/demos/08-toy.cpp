// The waiter with a select that is made by hand.
#include <nara/async.hpp>
#include <nara/spawn.hpp>
#include <nara/time/interval.hpp>

#include "orders.hpp"
#include "toy_select.hpp"

using nara::Async;
using namespace std::chrono_literals;

// [serve]
Async<> serve(Mailbox& orders) {
  const nara::time::Instant start = nara::time::now();
  nara::time::Interval heart = nara::time::interval_at(start + 1s, 1s);
  const auto bring = [start](const std::string& order) { tell(start, order.c_str()); };
  const auto beat = [start](nara::time::Instant) { tell(start, "beat"); };
  for (int i = 0; i < 6; ++i) {
    ToySelect first{orders.next(), bring, heart.tick(), beat};
    co_await first;
  }
}
// [/serve]

Async<> evening() {
  Mailbox orders;
  const nara::JoinHandle<void> guests = nara::spawn(order(orders));
  co_await serve(orders);
}

int main() { run_paused(evening); }
