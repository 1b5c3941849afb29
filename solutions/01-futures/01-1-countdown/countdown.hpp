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
    // STARTER: // Three lines of thought: is anything left? What is the answer if so, and if not?
    // STARTER: // And if the answer is "not yet": who will see to it that you are asked again?
    // STARTER: return nara::todo("01-1: write poll()");
    if (left_ == 0) return nara::kReady;
    --left_;
    context.waker().wake_by_ref();
    return nara::kPending;
    // END SOLUTION
  }

  /// How many polls are left before it is ready.
  int left() const { return left_; }

 private:
  int left_;
};
