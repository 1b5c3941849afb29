// A future written by hand: no coroutine, just a class with a poll().
#pragma once

#include <nara/future.hpp>

/// Counts down by one each time it is polled. Pending while something is left; ready at zero.
class Countdown {
 public:
  using Output = void;

  explicit Countdown(int from) : left_(from) {}

  nara::Poll<void> poll(nara::Context& context) {
    // BEGIN SOLUTION
    // STARTER: // Is anything left? There is one answer for yes and one for no. And if the answer is
    // STARTER: // "not yet": who will see to it that you are asked again?
    // STARTER: return nara::todo("01-1: poll() is pending while something is left, ready at zero");
    if (left_ == 0) return nara::kReady;
    --left_;
    // Nothing else is going to happen that could wake us, so this has to be done now.
    context.waker().wake_by_ref();
    return nara::kPending;
    // END SOLUTION
  }

  /// How many pending answers it still has to give.
  int left() const { return left_; }

 private:
  int left_;
};
