// Waiting for the first of two futures, by hand.
#pragma once

#include <nara/future.hpp>

// [toy]
/// Waits for the first of two futures, and calls its handler.
template <nara::Future A, class OnA, nara::Future B, class OnB>
struct ToySelect {
  using Output = void;

  A a;
  OnA on_a;
  B b;
  OnB on_b;

  // [poll]
  nara::Poll<void> poll(nara::Context& context) {
    if (nara::Poll<nara::OutputOf<A>> value = a.poll(context); value.is_ready()) {
      on_a(std::move(value).value());
      return nara::kReady;
    }
    if (nara::Poll<nara::OutputOf<B>> value = b.poll(context); value.is_ready()) {
      on_b(std::move(value).value());
      return nara::kReady;
    }
    return nara::kPending;
  }
  // [/poll]
};
// [/toy]
