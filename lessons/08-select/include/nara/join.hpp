// Waiting for all of several futures, in one task.
#pragma once

#include <concepts>
#include <nara/context.hpp>
#include <nara/detail/borrowed.hpp>
#include <nara/detail/slots.hpp>
#include <nara/future.hpp>
#include <nara/misuse.hpp>
#include <nara/poll.hpp>
#include <nara/trace.hpp>
#include <optional>
#include <ranges>
#include <utility>

namespace nara::inline NARA_BUILD {

namespace detail {

/// A container of futures that all have one type.
template <class R>
concept FutureRange = std::ranges::forward_range<R> && Future<std::ranges::range_reference_t<R>>;

/// True for a container that was given by its name, and for a view of one: its futures are kept
/// where they are. Those of any other one, and those that a view makes one by one, are kept inside.
template <class R>
inline constexpr bool kStayOutside =
    std::is_lvalue_reference_v<std::ranges::range_reference_t<R>> && std::ranges::borrowed_range<R>;

/// The futures of a container, which are kept like a single one.
template <FutureRange R>
using SlotsOf =
    VectorSlots<std::conditional_t<kStayOutside<R>, Borrowed<std::ranges::range_value_t<R>>,
                                   std::ranges::range_value_t<R>>>;

}  // namespace detail

/// Ready when all futures are, with their values. Made by `join()`.
template <class Slots>
class [[nodiscard]] Join {
 public:
  using Output = Slots::Values;

  explicit Join(Slots slots) : slots_(std::move(slots)) {}

  /// Ready with the values. Throws what a future throws, and `Misuse` after it was ready.
  // [poll]
  Poll<Output> poll(Context& context) {
    if (!slots_) throw Misuse("a join() was polled again after it had given its values away");
    if (!slots_->poll_each(context, [](const auto&) { return true; })) return kPending;
    auto values = slots_->template take_all<Output>([](auto value) { return value; });
    slots_.reset();
    return values;
  }
  // [/poll]

  void describe(Trace& trace) const {
    if (slots_) slots_->describe(trace, "join");
  }

 private:
  std::optional<Slots> slots_;  ///< Nothing after it was ready.
};

/// Waits for all `futures`, which go on in turn, in the task that awaits this. Gives a tuple of
/// their values, in their order; a future without a value gives a `std::monostate`. A future that
/// is given by its name stays the caller's. Of none, it is ready at once.
///
/// A future that is ready is destroyed at once. A wake polls all that are not: for more than a few,
/// use a `JoinSet`. Throws what a future throws: then it is over, and the others go when it does.
///
/// Cancel safety: that of the futures. Destroying it destroys them, and the values that have come.
/// Mirrors `tokio::join!`.
template <class... Fs>
  requires(Future<Fs> && ...)
auto join(Fs&&... futures) {
  using Slots = detail::TupleSlots<detail::Kept<Fs>...>;
  return Join<Slots>(Slots(detail::Kept<Fs>(std::forward<Fs>(futures))...));
}

/// The same for a container of futures, or for a view that makes them. Gives a vector.
template <detail::FutureRange R>
auto join(R&& futures) {
  using Slots = detail::SlotsOf<R>;
  return Join<Slots>(Slots(futures));
}

}  // namespace nara::inline NARA_BUILD
