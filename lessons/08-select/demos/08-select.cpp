// Three things to wait for, at the same time.
#include <nara/async.hpp>
#include <nara/select.hpp>
#include <nara/spawn.hpp>
#include <nara/time/interval.hpp>
#include <nara/time/sleep.hpp>

#include "orders.hpp"

using nara::Async;
using nara::on;
using namespace std::chrono_literals;

// [serve]
Async<> serve(Mailbox& orders) {
  const nara::time::Instant start = nara::time::now();
  nara::time::Interval heart = nara::time::interval_at(start + 1s, 1s);
  nara::time::Sleep closing_time = nara::time::sleep(3600ms);
  const auto bring = [start](const std::string& order) {
    tell(start, order.c_str());
    return true;
  };
  const auto beat = [start](nara::time::Instant) {
    tell(start, "beat");
    return true;
  };
  const auto close = [start] {
    tell(start, "good night");
    return false;
  };
  // [turns]
  bool is_open = true;
  while (is_open) {
    is_open = co_await nara::select(on(orders.next(), bring), on(heart.tick(), beat),
                                    on(closing_time, close));
  }
  // [/turns]
}
// [/serve]

Async<> evening() {
  Mailbox orders;
  const nara::JoinHandle<void> guests = nara::spawn(order(orders));
  co_await serve(orders);
}

int main() { run_paused(evening); }
