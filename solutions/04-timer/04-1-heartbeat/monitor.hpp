// A heart that beats at a fixed pace, and a monitor that notices when it does not.
#pragma once

#include <nara/async.hpp>
#include <nara/future.hpp>
#include <nara/time/interval.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/sleep.hpp>
#include <string_view>
#include <utility>

/// What a monitor has to say.
enum class Change {
  kSilent,  ///< No beat has come for as long as the limit.
  kBack,    ///< The first beat after that.
};

/// Notices when no beat comes for `limit`. One thread only; one task waits at a time.
class Monitor {
 public:
  /// The first beat, too, has to come within the limit.
  explicit Monitor(nara::time::Duration limit)
      : limit_(limit), silence_(nara::time::sleep(limit)) {}

  /// A beat has come. One that comes in time wakes nobody.
  void beat() {
    // BEGIN SOLUTION
    // STARTER: nara::todo("04-1: beat() moves the alarm, and wakes the one who waits, if need be");
    silence_.reset(nara::time::now() + limit_);
    if (is_silent_) std::exchange(waiting_, nara::Waker::noop()).wake();
    // END SOLUTION
  }

  /// Given. Waits for the next change. Destroying it loses nothing: all that it knows is here.
  auto changed() {
    return nara::poll_fn([this](nara::Context& context) { return poll_changed(context); });
  }

  /// Ready when it became silent, or when the heart is back, since the last time it was ready.
  nara::Poll<Change> poll_changed(nara::Context& context) {
    // BEGIN SOLUTION
    // STARTER: return nara::todo("04-1: poll_changed() asks the sleep, and leaves wakers behind");
    const bool is_silent = silence_.poll_elapsed(context);
    if (is_silent == is_silent_) {
      waiting_.clone_from(context.waker());
      return nara::kPending;
    }
    is_silent_ = is_silent;
    return is_silent ? Change::kSilent : Change::kBack;
    // END SOLUTION
  }

 private:
  nara::time::Duration limit_;
  nara::time::Sleep silence_;                  ///< It ends when a beat is overdue.
  bool is_silent_ = false;                     ///< What was said last.
  nara::Waker waiting_ = nara::Waker::noop();  ///< Of the one who waits for the heart to be back.
};

/// Calls `beat()`, an async function, so many times: now, and then every `period`, however long the
/// beat itself takes. When one takes longer than a period, the next one comes at once, and the
/// others when they would have come anyhow: those that were missed are not made up for.
template <class Beat>
nara::Async<> pulse(nara::time::Duration period, int beats, Beat beat) {
  // BEGIN SOLUTION
  // STARTER: nara::todo("04-1: pulse() calls beat() at each tick of an interval");
  // STARTER: co_return;
  nara::time::Interval ticks = nara::time::interval(period);
  ticks.set_missed_tick_behavior(nara::time::MissedTickBehavior::kSkip);
  for (int count = 0; count < beats; ++count) {
    co_await ticks.tick();
    co_await beat();
  }
  // END SOLUTION
}
