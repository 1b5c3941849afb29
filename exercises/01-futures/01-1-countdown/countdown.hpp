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
    // Three lines of thought: is anything left? What is the answer if so, and if not?
    // And if the answer is "not yet": who will see to it that you are asked again?
    return nara::todo("01-1: write poll()");
  }

  /// How many polls are left before it is ready.
  int left() const { return left_; }

 private:
  int left_;
};
