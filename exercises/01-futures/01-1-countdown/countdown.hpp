// A future written by hand: no coroutine, just a class with a poll().
#pragma once

#include <nara/future.hpp>
#include <nara/todo.hpp>

/// Counts down by one each time it is polled. Pending while something is left; ready at zero.
class Countdown {
 public:
  using Output = void;

  explicit Countdown(int from) : left_(from) {}

  nara::Poll<void> poll(nara::Context& context) {
    // Is anything left? There is one answer for yes and one for no. And if the answer is
    // "not yet": who will see to it that you are asked again?
    return nara::todo("01-1: poll() is pending while something is left, ready at zero");
  }

  /// How many pending answers it still has to give.
  int left() const { return left_; }

 private:
  int left_;
};
