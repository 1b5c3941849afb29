// What futures give, as something that can be kept beside others; and futures that are done.
#pragma once

#include <cstddef>
#include <nara/context.hpp>
#include <nara/future.hpp>
#include <nara/poll.hpp>
#include <nara/trace.hpp>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace nara::inline NARA_BUILD::detail {

/// A `T`; in place of `void`, which cannot be kept, a `std::monostate`.
template <class T>
using Storable = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

/// What a future gives.
template <Future F>
using ValueOf = Storable<OutputOf<F>>;

/// Polls a future that may give nothing.
template <Future F>
Poll<ValueOf<F>> poll_value(F& future, Context& context) {
  Poll<OutputOf<F>> answer = future.poll(context);
  if constexpr (std::is_void_v<OutputOf<F>>) {
    if (answer.is_ready()) return std::monostate();
    return kPending;
  } else {
    return answer;
  }
}

/// A future until it is ready, and then its value in the same place.
template <Future F>
class MaybeDone {
 public:
  using Value = ValueOf<F>;

  explicit MaybeDone(F future) : state_(std::in_place_index<0>, std::move(future)) {}

  /// Polls the future, unless it is done. True when it is.
  bool poll(Context& context) {
    if (is_done()) return true;
    Poll<Value> answer = poll_value(*std::get_if<0>(&state_), context);
    if (answer.is_pending()) return false;
    state_.template emplace<1>(std::move(answer).value());
    return true;
  }

  bool is_done() const noexcept { return state_.index() == 1; }

  /// The value of one that is done.
  Value& value() noexcept { return *std::get_if<1>(&state_); }

  /// Says what it waits for, if it does.
  void describe(Trace& trace) const {
    if (!is_done()) detail::describe(*std::get_if<0>(&state_), trace);
  }

 private:
  std::variant<F, Value> state_;
};

/// Writes "name(what one waits for, what the next one waits for)". Those that wait for nothing are
/// left out.
class DescribeAll {
 public:
  DescribeAll(Trace& trace, std::string_view name) : trace_(trace), text_(name) { text_ += '('; }

  template <class Part>
  void add(const Part& part) {
    Trace of_part;
    detail::describe(part, of_part);
    if (of_part.waits_for.empty()) return;
    if (!text_.ends_with('(')) text_ += ", ";
    text_ += of_part.waits_for;
  }

  ~DescribeAll() { trace_.waits_for = std::move(text_) + ')'; }

  DescribeAll(const DescribeAll&) = delete;
  DescribeAll& operator=(const DescribeAll&) = delete;

 private:
  Trace& trace_;
  std::string text_;
};

}  // namespace nara::inline NARA_BUILD::detail
