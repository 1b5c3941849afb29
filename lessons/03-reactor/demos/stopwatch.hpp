// How long something takes.
#pragma once

#include <ctime>

/// Runs from its construction on. With CLOCK_PROCESS_CPUTIME_ID, it counts what processors do for
/// this program: what others do meanwhile does not matter.
class Stopwatch {
 public:
  explicit Stopwatch(clockid_t clock = CLOCK_MONOTONIC) : clock_(clock), start_(now()) {}

  double seconds() const { return now() - start_; }

 private:
  double now() const {
    timespec time{};
    ::clock_gettime(clock_, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  }

  clockid_t clock_;
  double start_;
};
