// A task with everything in it, in one piece of memory: the future, and later, in the same place,
// what it ended with.
#pragma once

#include <cstddef>
#include <exception>
#include <expected>
#include <nara/detail/task.hpp>
#include <nara/future.hpp>
#include <nara/join_error.hpp>
#include <nara/poll.hpp>
#include <nara/trace.hpp>
#include <source_location>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace nara::inline NARA_BUILD::detail {

/// A function and its arguments, and the future that it returned: they live as long as each other.
template <class Function, class... Arguments>
class Call {
 public:
  using CalledFuture = std::invoke_result_t<Function&, Arguments...>;
  using Output = OutputOf<CalledFuture>;

  template <class... Given>
  explicit Call(Function function, Given&&... given)
      : Call(std::index_sequence_for<Arguments...>(), std::move(function),
             std::forward<Given>(given)...) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  Poll<Output> poll(Context& context) { return future_.poll(context); }

  void describe(Trace& trace) const { detail::describe(future_, trace); }

 private:
  // The function is called here, where it and its arguments are going to stay: a coroutine may
  // refer to both.
  template <std::size_t... kIndex, class... Given>
  Call(std::index_sequence<kIndex...>, Function function, Given&&... given)
      : function_(std::move(function)),
        arguments_(std::forward<Given>(given)...),
        future_(function_(std::move(std::get<kIndex>(arguments_))...)) {}

  [[no_unique_address]] Function function_;
  [[no_unique_address]] std::tuple<Arguments...> arguments_;
  CalledFuture future_;
};

template <Future F>
class TaskCell : public TaskOf<OutputOf<F>> {
 public:
  using Output = OutputOf<F>;

  /// Makes the future from the arguments.
  template <class... Arguments>
  TaskCell(Scheduler& scheduler, std::source_location spawned_at, Arguments&&... arguments)
      : TaskOf<Output>(scheduler, spawned_at),
        contents_(std::in_place_index<kFuture>, std::forward<Arguments>(arguments)...) {}

  TaskResult<Output> take_outcome() final {
    if (std::exception_ptr* panic = std::get_if<kPanic>(&contents_)) {
      return std::unexpected(JoinError(this->id(), std::exchange(*panic, nullptr)));
    }
    if constexpr (std::is_void_v<Output>) {
      return {};
    } else {
      TaskResult<Output> value(std::move(*std::get_if<kValue>(&contents_)));
      discard();
      return value;
    }
  }

 private:
  // [poll]
  bool poll(Context& context) noexcept final {
    try {
      Poll<Output> answer = std::get_if<kFuture>(&contents_)->poll(context);
      if (answer.is_pending()) return false;
      discard();
      if constexpr (std::is_void_v<Output>) {
        contents_.template emplace<kValue>();
      } else {
        contents_.template emplace<kValue>(std::move(answer).value());
      }
    } catch (...) {
      end(std::current_exception());
    }
    return true;
  }
  // [/poll]

  void end(std::exception_ptr panic) noexcept final {
    discard();
    contents_.template emplace<kPanic>(std::move(panic));
  }

  void discard() noexcept final { contents_.template emplace<kEmpty>(); }

  void describe(Trace& trace) const final {
    if (const F* future = std::get_if<kFuture>(&contents_)) detail::describe(*future, trace);
  }

  struct Nothing {};
  using Value = std::conditional_t<std::is_void_v<Output>, Nothing, Output>;

  enum : std::size_t { kFuture, kValue, kPanic, kEmpty };
  std::variant<F, Value, std::exception_ptr, std::monostate> contents_;
};

/// A task with a name.
template <Future F>
class NamedTaskCell final : public TaskCell<F> {
 public:
  template <class... Arguments>
  NamedTaskCell(Scheduler& scheduler, std::source_location spawned_at, std::string_view name,
                Arguments&&... arguments)
      : TaskCell<F>(scheduler, spawned_at, std::forward<Arguments>(arguments)...), name_(name) {}

 private:
  std::string_view name() const noexcept override { return name_; }

  std::string name_;
};

}  // namespace nara::inline NARA_BUILD::detail
