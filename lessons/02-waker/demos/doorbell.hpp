// A doorbell: one task rings, another waits for it. For one thread.
#pragma once

#include <nara/context.hpp>
#include <nara/poll.hpp>
#include <utility>

/// Ready once it has rung.
class Doorbell {
 public:
  using Output = void;

  nara::Poll<void> poll(nara::Context& context) {
    if (has_rung_) return nara::kReady;
    waker_.clone_from(context.waker());
    return nara::kPending;
  }

  void ring() {
    has_rung_ = true;
    std::exchange(waker_, nara::Waker::noop()).wake();
  }

 private:
  bool has_rung_ = false;
  nara::Waker waker_ = nara::Waker::noop();
};
