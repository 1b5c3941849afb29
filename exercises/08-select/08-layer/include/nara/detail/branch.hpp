// A branch of a select: a future, whether it takes part, and what is done with its value.
#pragma once

#include <concepts>
#include <functional>
#include <nara/context.hpp>
#include <nara/detail/borrowed.hpp>
#include <nara/detail/value.hpp>
#include <nara/future.hpp>
#include <nara/poll.hpp>
#include <nara/todo.hpp>
#include <nara/trace.hpp>
#include <optional>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD::detail {

/// The handler of a branch that has none: the value itself is what the select gives.
struct NoHandler {};

/// Which values of a future win. All of them.
struct AnyValue {
  template <class Value>
  static std::optional<Value> match(Value value) {
    return std::optional<Value>(std::move(value));
  }
};

/// Those that contain a value: of a `std::optional`, a `std::expected`, a pointer.
struct SomeValue {
  template <class Value>
  static auto match(Value value)
      -> std::optional<std::remove_cvref_t<decltype(*std::move(value))>> {
    if (!value) return std::nullopt;
    return std::make_optional(*std::move(value));
  }
};

/// What a handler gives. It is called with the value, or without, if it does not take any.
template <class Handler, class Value>
struct HandledBy : std::invoke_result<Handler&> {};
template <class Handler, class Value>
  requires std::invocable<Handler&, Value>
struct HandledBy<Handler, Value> : std::invoke_result<Handler&, Value> {};
template <class Value>
struct HandledBy<NoHandler, Value> {};

/// Made by `on()`, `some()` and `when()`, and by `select()` of a future alone.
template <Future F, class Match, class Handler>
class Branch {
 public:
  using Value = decltype(Match::match(std::declval<ValueOf<F>>()))::value_type;
  using Handled = HandledBy<Handler, Value>;
  static constexpr bool kHasHandler = !std::is_same_v<Handler, NoHandler>;

  Branch(F future, Handler handler, bool is_enabled)
      : future_(std::move(future)), handler_(std::move(handler)), is_enabled_(is_enabled) {}

  bool is_enabled() const noexcept { return is_enabled_; }

  /// Polls the future. Nothing when it is pending, and when its value does not count: then the
  /// branch is disabled, so that it is not polled again.
  std::optional<Value> poll(Context& context) {
    return todo("08-layer: a branch polls its future, and looks whether its value counts");
  }

  Handler take_handler() { return std::move(handler_); }

  /// What the handler makes of a value.
  static auto handle(Handler& handler, Value value) {
    if constexpr (std::invocable<Handler&, Value>) {
      return std::invoke(handler, std::move(value));
    } else {
      return std::invoke(handler);
    }
  }

  /// The same with a handler.
  template <class Other>
  auto with(Other handler) && {
    static_assert(!kHasHandler, "on(): this branch has a handler already");
    return Branch<F, Match, Other>(std::move(future_), std::move(handler), is_enabled_);
  }

  /// The same, disabled unless `condition` holds.
  Branch when(bool condition) && {
    return Branch(std::move(future_), std::move(handler_), is_enabled_ && condition);
  }

  void describe(Trace& trace) const {
    if (is_enabled_) detail::describe(future_, trace);
  }

 private:
  F future_;
  [[no_unique_address]] Handler handler_;
  bool is_enabled_;
};

template <class T>
inline constexpr bool kIsBranch = false;
template <class F, class Match, class Handler>
inline constexpr bool kIsBranch<Branch<F, Match, Handler>> = true;

/// What can stand in a select.
template <class T>
concept BranchLike = Future<T> || kIsBranch<std::remove_cvref_t<T>>;

/// A future alone is a branch, too.
template <BranchLike B>
auto to_branch(B&& branch) {
  if constexpr (Future<B>) {
    using F = Kept<B>;
    return Branch<F, AnyValue, NoHandler>(F(std::forward<B>(branch)), NoHandler(), true);
  } else {
    return std::remove_cvref_t<B>(std::forward<B>(branch));
  }
}

template <class B>
using BranchOf = decltype(to_branch(std::declval<B>()));

}  // namespace nara::inline NARA_BUILD::detail
