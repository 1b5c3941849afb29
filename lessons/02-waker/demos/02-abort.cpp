// abort() asks. The task ends in its next turn.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/future.hpp>
#include <nara/yield_now.hpp>

using nara::Async;
using nara::JoinHandle;

const char* yes_or_no(bool yes) { return yes ? "yes" : "no"; }

// [main]
struct Table {
  ~Table() { std::printf("  the table is cleared\n"); }
};

Async<> sit() {
  const Table table;
  co_await nara::pending();
}

// [abort]
Async<> close_up() {
  JoinHandle<void> guest = nara::spawn(sit());
  co_await nara::yield_now();
  guest.abort();
  std::printf("aborted.  finished? %s\n", yes_or_no(guest.is_finished()));
  nara::TaskResult<void> result = co_await guest;
  const bool is_cancelled = !result.has_value() && result.error().is_cancelled();
  std::printf("awaited.  cancelled? %s\n", yes_or_no(is_cancelled));
}
// [/abort]
// [/main]

int main() { nara::block_on(close_up()); }
