// A waiter's evening: when the guests order.
#pragma once

#include <chrono>
#include <cstdio>
#include <nara/time/sleep.hpp>
#include <string>

#include "mailbox.hpp"
#include "paused.hpp"

/// They order after 5 ms, 12 ms and 3500 ms.
inline nara::Async<> order(Mailbox& orders) {
  using std::chrono::milliseconds;
  co_await nara::time::sleep(milliseconds(5));
  orders.put("soup");
  co_await nara::time::sleep(milliseconds(7));
  orders.put("fish");
  co_await nara::time::sleep(milliseconds(3488));
  orders.put("cake");
}

inline void tell(nara::time::Instant start, const char* what) {
  std::printf("%4d ms: %s\n", ms_since(start), what);
}
