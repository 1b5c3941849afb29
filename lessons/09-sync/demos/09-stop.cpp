// Closing time: all are told, and the house waits until the last has finished.
#include <chrono>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/sync/cancellation_token.hpp>
#include <nara/task_tracker.hpp>
#include <nara/time/sleep.hpp>
#include <utility>

#include "../../08-select/demos/paused.hpp"

using nara::Async;
using nara::sync::CancellationToken;
using namespace std::chrono_literals;

namespace {

// [serve]
/// Takes orders until it is told to stop. What it has begun, it ends.
Async<> serve(int table, CancellationToken closing) {
  int courses = 0;
  while (!closing.is_cancelled()) {
    co_await nara::time::sleep(table * 30ms);  // A course.
    ++courses;
  }
  std::printf("table %d has had %d courses\n", table, courses);
}

/// Nothing is lost when this is given up in the middle.
Async<> play_music(CancellationToken closing) {
  (void)co_await closing.run_until_cancelled(nara::pending());
  std::printf("the music stops\n");
}
// [/serve]

// [close]
Async<> evening() {
  const CancellationToken closing;
  nara::TaskTracker guests;
  for (int table = 1; table <= 3; ++table) {
    (void)guests.spawn(serve(table, closing.clone()));
  }
  (void)guests.spawn(play_music(closing.child_token()));
  co_await nara::time::sleep(100ms);
  std::printf("closing time\n");
  closing.cancel();
  guests.close();
  co_await guests.wait();
  std::printf("the lights go out\n");
}
// [/close]

}  // namespace

int main() { run_paused(evening); }
