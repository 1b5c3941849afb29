// Several futures that are polled together: a tuple of them, or a vector.
#pragma once

#include <algorithm>
#include <cstddef>
#include <nara/context.hpp>
#include <nara/detail/value.hpp>
#include <nara/future.hpp>
#include <nara/trace.hpp>
#include <ranges>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace nara::inline NARA_BUILD::detail {

/// Calls `visit(number)` for the numbers below `kCount`, beginning with `first` and going round,
/// until it returns false. A number is a type, with which an element of a tuple can be chosen.
// [from]
template <std::size_t kCount, class Visit>
void visit_from(std::size_t first, Visit visit) {
  [&]<std::size_t... kNumber>(std::index_sequence<kNumber...>) {
    using std::integral_constant;
    (void)(((kNumber < first || visit(integral_constant<std::size_t, kNumber>())) && ...) &&
           ((kNumber >= first || visit(integral_constant<std::size_t, kNumber>())) && ...));
  }(std::make_index_sequence<kCount>());
}
// [/from]

/// Futures of different types.
template <Future... Fs>
class TupleSlots {
 public:
  using Values = std::tuple<ValueOf<Fs>...>;

  explicit TupleSlots(Fs... futures) : slots_(MaybeDone<Fs>(std::move(futures))...) {}

  /// Polls those that are not done, each time beginning with another one: else the first could use
  /// up the task's budget each time. Calls `accept` with each value that comes, until that returns
  /// false. True when all are done.
  template <class Accept>
  bool poll_each(Context& context, Accept accept) {
    bool are_done = true;
    visit_from<sizeof...(Fs)>(next_first(), [&](auto number) {
      auto& slot = std::get<number>(slots_);
      if (slot.is_done()) return true;
      if (slot.poll(context)) return accept(slot.value());
      are_done = false;
      return true;
    });
    return are_done;
  }

  /// A tuple of what `take` makes of the values, in their order.
  template <class Tuple, class Take>
  Tuple take_all(Take take) {
    return std::apply([&](auto&... slot) { return Tuple(take(std::move(slot.value()))...); },
                      slots_);
  }

  void describe(Trace& trace, std::string_view name) const {
    DescribeAll all(trace, name);
    std::apply([&](const auto&... slot) { (all.add(slot), ...); }, slots_);
  }

 private:
  std::size_t next_first() noexcept {
    if (sizeof...(Fs) == 0) return 0;
    return std::exchange(first_, (first_ + 1) % std::max<std::size_t>(sizeof...(Fs), 1));
  }

  std::tuple<MaybeDone<Fs>...> slots_;
  std::size_t first_ = 0;
};

/// Any number of futures of one type.
template <Future F>
class VectorSlots {
 public:
  using Values = std::vector<ValueOf<F>>;

  /// What is given by its name is only referred to, and else moved.
  template <class Futures>
  explicit VectorSlots(Futures& futures) {
    if constexpr (std::ranges::sized_range<Futures>) slots_.reserve(std::ranges::size(futures));
    for (auto&& future : futures) {
      if constexpr (std::is_same_v<F, std::ranges::range_value_t<Futures>>) {
        slots_.emplace_back(std::move(future));
      } else {
        slots_.emplace_back(F(future));
      }
    }
  }

  /// See `TupleSlots`.
  template <class Accept>
  bool poll_each(Context& context, Accept accept) {
    bool are_done = true;
    const std::size_t first = next_first();
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      MaybeDone<F>& slot = slots_[(first + i) % slots_.size()];
      if (slot.is_done()) continue;
      if (!slot.poll(context)) {
        are_done = false;
      } else if (!accept(slot.value())) {
        break;
      }
    }
    return are_done;
  }

  /// A vector of what `take` makes of the values, in their order.
  template <class Vector, class Take>
  Vector take_all(Take take) {
    Vector all;
    all.reserve(slots_.size());
    for (MaybeDone<F>& slot : slots_) all.push_back(take(std::move(slot.value())));
    return all;
  }

  void describe(Trace& trace, std::string_view name) const {
    DescribeAll all(trace, name);
    for (const MaybeDone<F>& slot : slots_) all.add(slot);
  }

 private:
  std::size_t next_first() noexcept {
    return slots_.empty() ? 0 : std::exchange(first_, (first_ + 1) % slots_.size());
  }

  std::vector<MaybeDone<F>> slots_;
  std::size_t first_ = 0;
};

}  // namespace nara::inline NARA_BUILD::detail
