// A door that main opens: what a task waits for when we want to wake it as often as we like.
#pragma once

#include <nara/async.hpp>
#include <nara/waker.hpp>

/// Ready when it is open. It keeps the waker of whoever has asked last.
struct Door {
  using Output = void;
  bool is_open = false;
  int polls = 0;
  nara::Waker waker = nara::Waker::noop();

  nara::Poll<void> poll(nara::Context& context) {
    ++polls;
    waker.clone_from(context.waker());
    if (is_open) return nara::kReady;
    return nara::kPending;
  }
};

inline nara::Async<> wait_at(Door& door) { co_await door; }
