// Futures made of other futures. Still no coroutine: two classes, each with a poll().
#pragma once

#include <concepts>
#include <functional>
#include <nara/future.hpp>
#include <optional>
#include <type_traits>
#include <utility>

/// Waits for a future, then gives `fn(value)` instead of its value. Made by `map()`.
template <nara::Future F, std::invocable<nara::OutputOf<F>> Fn>
class Map {
 public:
  using Output = std::invoke_result_t<Fn, nara::OutputOf<F>>;

  Map(F future, Fn fn) : future_(std::move(future)), fn_(std::move(fn)) {}

  nara::Poll<Output> poll(nara::Context& context) {
    // BEGIN SOLUTION
    // STARTER: return nara::todo("01-2: Map::poll asks the future, then gives its value to fn_");
    nara::Poll<nara::OutputOf<F>> answer = future_.poll(context);
    if (answer.is_pending()) return nara::kPending;
    return std::invoke(std::move(fn_), std::move(answer).value());
    // END SOLUTION
  }

 private:
  F future_;
  Fn fn_;
};

/// Waits for a first future, makes a second one with `fn(value)`, and waits for that. Made by
/// `and_then()`.
template <nara::Future F, std::invocable<nara::OutputOf<F>> Fn>
  requires nara::Future<std::invoke_result_t<Fn, nara::OutputOf<F>>>
class AndThen {
  using First = F;
  using Second = std::invoke_result_t<Fn, nara::OutputOf<F>>;

 public:
  using Output = nara::OutputOf<Second>;

  // BEGIN SOLUTION
  // STARTER: AndThen(First first, Fn fn) {}
  AndThen(First first, Fn fn) : first_(std::move(first)), fn_(std::move(fn)) {}
  // END SOLUTION

  nara::Poll<Output> poll(nara::Context& context) {
    // BEGIN SOLUTION
    // STARTER: return nara::todo("01-2: AndThen::poll asks the first future, later the second");
    if (first_) {
      nara::Poll<nara::OutputOf<First>> answer = first_->poll(context);
      if (answer.is_pending()) return nara::kPending;
      first_.reset();
      second_.emplace(std::invoke(std::move(fn_), std::move(answer).value()));
    }
    // Asked in the same poll in which it was made: until then it has no waker.
    return second_->poll(context);
    // END SOLUTION
  }

 private:
  // BEGIN SOLUTION
  // STARTER: // What does it have to remember from one poll to the next?
  std::optional<First> first_;    // There while it is awaited.
  Fn fn_;                         // Called once, between the two.
  std::optional<Second> second_;  // There from then on.
  // END SOLUTION
};

/// A future that waits for `future` and gives `fn(value)`. Mirrors Rust's `FutureExt::map`.
template <nara::Future F, class Fn>
Map<F, Fn> map(F future, Fn fn) {
  return Map<F, Fn>(std::move(future), std::move(fn));
}

/// A future that waits for `future`, then for the future `fn(value)`. Mirrors `FutureExt::then`.
template <nara::Future F, class Fn>
AndThen<F, Fn> and_then(F future, Fn fn) {
  return AndThen<F, Fn>(std::move(future), std::move(fn));
}
