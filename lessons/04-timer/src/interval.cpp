// When a tick is due, and when the next one is.
#include <nara/misuse.hpp>
#include <nara/time/interval.hpp>
#include <nara/time/timers.hpp>

namespace nara::inline NARA_BUILD::time {

Interval::Interval(Instant first, Duration period)
    : Interval(Timers::current("interval_at()"), first, period) {}

Interval::Interval(Timers& timers, Instant first, Duration period)
    : clock_(timers.clock()), period_(period), sleep_(timers, first) {
  if (period <= Duration(0)) throw Misuse("an interval needs a period that is longer than nothing");
}

Interval interval(Duration period) {
  Timers& timers = Timers::current("interval()");
  return {timers, timers.clock().now(), period};
}

// [tick]
Poll<Instant> Interval::poll_tick(Context& context) {
  const Instant due = sleep_.deadline();
  const Instant now = clock_.now();
  if (now < due && !sleep_.poll_elapsed(context, "Interval::tick()")) return kPending;
  if (!context.spend()) {
    context.yield();
    return kPending;
  }
  sleep_.reset(after(due, now));
  return due;
}

/// When the tick after the one that was due then is due.
Instant Interval::after(Instant due, Instant now) const noexcept {
  constexpr Duration kOnTime = std::chrono::milliseconds(5);
  const Duration late = since(due, now);
  if (late > kOnTime) {
    if (behavior_ == MissedTickBehavior::kDelay) return later(now, period_);
    if (behavior_ == MissedTickBehavior::kSkip) return later(now, period_ - late % period_);
  }
  return later(due, period_);
}
// [/tick]

}  // namespace nara::inline NARA_BUILD::time
