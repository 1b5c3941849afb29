// Futures made of other futures. Still no coroutine: two classes, each with a poll().
#pragma once

#include <concepts>
#include <functional>
#include <nara/future.hpp>
#include <nara/todo.hpp>
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
    return nara::todo("01-2: Map::poll asks the future, then gives its value to fn_");
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

  AndThen(First first, Fn fn) {}

  nara::Poll<Output> poll(nara::Context& context) {
    return nara::todo("01-2: AndThen::poll asks the first future, later the second");
  }

 private:
  // What does it have to remember from one poll to the next?
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
