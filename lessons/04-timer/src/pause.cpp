// The clock of the current runtime, found.
#include <nara/current.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/timers.hpp>
#include <utility>

namespace nara::inline NARA_BUILD::time {

Instant now() noexcept {
  if (Current::get() != nullptr) {
    if (void* timers = Current::service(kTimerService, "now()")) {
      return static_cast<Timers*>(timers)->clock().now();
    }
  }
  return std::chrono::steady_clock::now();
}

void pause() { Timers::current("pause()").clock().pause(); }

void resume() { Timers::current("resume()").resume(); }

Poll<void> Advance::poll(Context& context) {
  if (std::exchange(is_done_, true)) return kReady;
  Timers& timers = Timers::current("advance()");
  timers.clock().advance(by_);
  timers.wake_elapsed();
  context.yield();  // Those stand in the queue before us.
  return kPending;
}

}  // namespace nara::inline NARA_BUILD::time
