// What a future is, and the four smallest ones: a value, a promise never kept, and two that are
// made from a function.
#pragma once

#include <concepts>
#include <functional>
#include <nara/context.hpp>
#include <nara/poll.hpp>
#include <nara/todo.hpp>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD {

/// A computation that goes on a little each time it is polled, and does nothing in between.
///
/// `poll(Context&)` answers with a `Poll<Output>`. When the answer is pending, the future keeps a
/// clone of the context's waker and wakes it when polling again is worthwhile. After it was ready
/// it must not be polled again; the futures of this library throw `Misuse` then. Destroying a
/// future cancels it: its destructor takes it out of every list that it stands in. A constant
/// `kWaitsFor` says in a few words what it waits for, for traces.
///
/// Thread safety: one poll at a time; which thread polls may change from one poll to the next.
/// Mirrors `std::future::Future`.
template <class F>
concept Future = requires(std::remove_reference_t<F>& future, Context& context) {
  typename std::remove_reference_t<F>::Output;
  { future.poll(context) } -> std::same_as<Poll<typename std::remove_reference_t<F>::Output>>;
};

/// What the future `F` gives when it is ready.
template <Future F>
using OutputOf = typename std::remove_reference_t<F>::Output;

/// A future that has its value from the start. Made by `ready()`.
template <class T>
class [[nodiscard]] Ready {
 public:
  using Output = T;

  explicit Ready(T value) : value_(std::move(value)) {}

  /// Ready with the value. Throws `Misuse` the second time.
  Poll<T> poll(Context&) {
    return todo("01-layer: Ready::poll gives the value away, once");
  }

 private:
  std::optional<T> value_;
};

/// A future that is ready with `value` at its first poll. Cancel safety: the value goes with it.
/// Mirrors `std::future::ready`.
template <class T>
Ready<T> ready(T value) {
  return Ready<T>(std::move(value));
}

/// A future that is never ready and never wakes anybody. Made by `pending()`.
template <class T>
class [[nodiscard]] Never {
 public:
  using Output = T;
  static constexpr std::string_view kWaitsFor = "pending()";

  /// Pending, always.
  Poll<T> poll(Context& context) noexcept {
    context.expect_no_wake();
    return kPending;
  }
};

/// A future that never finishes: it can only be cancelled. Cancel safe. Mirrors
/// `std::future::pending`.
template <class T = void>
Never<T> pending() {
  return {};
}

/// A future whose `poll` is a function. Made by `poll_fn()`.
template <class F>
class [[nodiscard]] PollFn {
 public:
  static constexpr std::string_view kWaitsFor = "poll_fn()";
  using Output = decltype([]<class T>(Poll<T>) -> std::type_identity<T> {
    return {};
  }(std::declval<std::invoke_result_t<F&, Context&>>()))::type;

  explicit PollFn(F function) : function_(std::move(function)) {}

  /// Whatever the function answers.
  Poll<Output> poll(Context& context) noexcept(std::is_nothrow_invocable_v<F&, Context&>) {
    return todo("01-layer: PollFn::poll lets the function answer");
  }

 private:
  F function_;
};

/// A future that calls `function(context)` each time it is polled and answers with the `Poll` that
/// it returns: the shortest way to write a future by hand.
///
/// Cancel safety: that of the function, which is destroyed. Mirrors `std::future::poll_fn`.
template <class F>
  requires std::invocable<F&, Context&>
PollFn<F> poll_fn(F function) {
  return PollFn<F>(std::move(function));
}

/// A future whose value is computed when it is first polled. Made by `lazy()`.
template <class F>
class [[nodiscard]] Lazy {
 public:
  using Output = std::invoke_result_t<F>;

  explicit Lazy(F function) : function_(std::move(function)) {}

  /// Calls the function and is ready with what it returns. Throws what the function throws, and
  /// `Misuse` the second time.
  Poll<Output> poll(Context&) {
    return todo("01-layer: Lazy::poll calls the function, once; it may return void");
  }

 private:
  std::optional<F> function_;
};

/// A future that calls `function()` at its first poll, not before, and is ready with the result.
/// Cancel safety: if it was never polled, the function is never called. Mirrors
/// `futures::future::lazy`.
template <std::invocable F>
Lazy<F> lazy(F function) {
  return Lazy<F>(std::move(function));
}

}  // namespace nara::inline NARA_BUILD
