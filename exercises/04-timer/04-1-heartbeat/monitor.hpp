// A heart that beats at a fixed pace, and a monitor that notices when it does not.
#pragma once

#include <nara/async.hpp>
#include <nara/future.hpp>
#include <nara/time/interval.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/sleep.hpp>
#include <nara/todo.hpp>
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
    nara::todo("04-1: beat() moves the alarm, and wakes the one who waits, if need be");
  }

  /// Given. Waits for the next change. Destroying it loses nothing: all that it knows is here.
  auto changed() {
    return nara::poll_fn([this](nara::Context& context) { return poll_changed(context); });
  }

  /// Ready when it became silent, or when the heart is back, since the last time it was ready.
  nara::Poll<Change> poll_changed(nara::Context& context) {
    return nara::todo("04-1: poll_changed() asks the sleep, and leaves wakers behind");
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
  nara::todo("04-1: pulse() calls beat() at each tick of an interval");
  co_return;
}
