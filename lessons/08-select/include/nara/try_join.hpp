// Waiting for all of several futures, unless one fails.
#pragma once

#include <expected>
#include <nara/context.hpp>
#include <nara/detail/borrowed.hpp>
#include <nara/detail/slots.hpp>
#include <nara/future.hpp>
#include <nara/join.hpp>
#include <nara/misuse.hpp>
#include <nara/poll.hpp>
#include <nara/trace.hpp>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace nara::inline NARA_BUILD {

namespace detail {

/// What values of `std::expected` give together: all successes, or one error.
template <class Values>
struct Together;
template <class... Values, class... Errors>
struct Together<std::tuple<std::expected<Values, Errors>...>> {
  using Successes = std::tuple<Storable<Values>...>;
  using Error = std::tuple_element_t<0, std::tuple<Errors...>>;
  static_assert((std::is_same_v<Errors, Error> && ...),
                "try_join(): all futures have to give the same type of error");
};
template <class Value, class E>
struct Together<std::vector<std::expected<Value, E>>> {
  using Successes = std::vector<Storable<Value>>;
  using Error = E;
};

/// A future that succeeds or fails.
template <class F>
concept Fallible = Future<F> && requires {
  typename OutputOf<F>::value_type;
  typename OutputOf<F>::error_type;
};

/// The value of an `std::expected` that has one.
template <class Expected>
Storable<typename Expected::value_type> success(Expected expected) {
  if constexpr (std::is_void_v<typename Expected::value_type>) {
    return {};
  } else {
    return *std::move(expected);
  }
}

}  // namespace detail

/// Ready when all futures have succeeded, or when one has failed. Made by `try_join()`.
template <class Slots>
class [[nodiscard]] TryJoin {
 public:
  using Successes = detail::Together<typename Slots::Values>::Successes;
  using Error = detail::Together<typename Slots::Values>::Error;
  using Output = std::expected<Successes, Error>;

  explicit TryJoin(Slots slots) : slots_(std::move(slots)) {}

  /// Ready with the values, or with the first error. Throws what a future throws, and `Misuse`
  /// after it was ready.
  Poll<Output> poll(Context& context) {
    if (!slots_) throw Misuse("a try_join() was polled again after it had given its values away");
    std::optional<Error> error;
    const bool are_done = slots_->poll_each(context, [&](auto& value) {
      if (!value) error.emplace(std::move(value).error());
      return !error;
    });
    if (error) {
      slots_.reset();
      return Output(std::unexpect, *std::move(error));
    }
    if (!are_done) return kPending;
    Output values = slots_->template take_all<Successes>(
        [](auto value) { return detail::success(std::move(value)); });
    slots_.reset();
    return values;
  }

  void describe(Trace& trace) const {
    if (slots_) slots_->describe(trace, "try_join");
  }

 private:
  std::optional<Slots> slots_;  ///< Nothing after it was ready.
};

/// Like `join()`, for futures that give a `std::expected`, all with the same type of error. Gives a
/// tuple of their values, or the first error that comes: then all other futures are destroyed
/// before it is given.
///
/// Cancel safety: that of the futures. Destroying it destroys them, and the values that have come.
/// Mirrors `tokio::try_join!`.
template <class... Fs>
  requires(sizeof...(Fs) > 0 && (detail::Fallible<Fs> && ...))
auto try_join(Fs&&... futures) {
  using Slots = detail::TupleSlots<detail::Kept<Fs>...>;
  return TryJoin<Slots>(Slots(detail::Kept<Fs>(std::forward<Fs>(futures))...));
}

/// The same for a container of futures. Gives a vector, or the first error.
template <detail::FutureRange R>
  requires detail::Fallible<std::ranges::range_reference_t<R>>
auto try_join(R&& futures) {
  using Slots = detail::SlotsOf<R>;
  return TryJoin<Slots>(Slots(futures));
}

}  // namespace nara::inline NARA_BUILD
