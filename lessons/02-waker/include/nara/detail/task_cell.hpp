// A task with everything in it, in one piece of memory: the future, and later, in the same place,
// what it ended with.
#pragma once

#include <concepts>
#include <cstddef>
#include <exception>
#include <expected>
#include <nara/detail/task.hpp>
#include <nara/future.hpp>
#include <nara/join_error.hpp>
#include <nara/poll.hpp>
#include <nara/trace.hpp>
#include <optional>
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
      : function_(std::move(function)), arguments_(std::forward<Given>(given)...) {
    // Called here, where the function and its arguments are going to stay: the coroutine may refer
    // to both.
    std::apply([this](Arguments&... own) { future_.emplace(function_(std::move(own)...)); },
               arguments_);
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  Poll<Output> poll(Context& context) { return future_->poll(context); }

  void describe(Trace& trace) const { detail::describe(*future_, trace); }

 private:
  [[no_unique_address]] Function function_;
  [[no_unique_address]] std::tuple<Arguments...> arguments_;
  std::optional<CalledFuture> future_;
};

/// A future that somebody else keeps.
template <Future F>
class Borrowed {
 public:
  using Output = OutputOf<F>;

  explicit Borrowed(F& future) noexcept : future_(&future) {}
  Poll<Output> poll(Context& context) { return future_->poll(context); }
  void describe(Trace& trace) const { detail::describe(*future_, trace); }

 private:
  F* future_;
};

template <Future F>
class TaskCell final : public TaskOf<OutputOf<F>> {
  using Output = OutputOf<F>;
  using Outcome = TaskResult<Output>;

 public:
  template <class... Arguments>
  explicit TaskCell(const Task::Birth& birth, Arguments&&... arguments)
      : TaskOf<Output>(birth), contents_(std::in_place_index<0>, std::forward<Arguments>(arguments)...) {}

  Outcome take_outcome() override {
    Outcome outcome = std::move(*std::get_if<1>(&contents_));
    discard();
    return outcome;
  }

 private:
  // [poll]
  bool poll(Context& context) noexcept override {
    try {
      Poll<Output> answer = std::get_if<0>(&contents_)->poll(context);
      if (answer.is_pending()) return false;
      discard();
      if constexpr (std::is_void_v<Output>) {
        contents_.template emplace<1>();
      } else {
        contents_.template emplace<1>(std::move(answer).value());
      }
    } catch (...) {
      end(JoinError(this->id(), std::current_exception()));
    }
    return true;
  }
  // [/poll]

  void end(JoinError error) noexcept override {
    discard();
    contents_.template emplace<1>(std::unexpect, std::move(error));
  }

  void discard() noexcept override { contents_.template emplace<2>(); }

  void describe(Trace& trace) const override {
    if (const F* future = std::get_if<0>(&contents_)) detail::describe(*future, trace);
  }

  std::variant<F, Outcome, std::monostate> contents_;
};

}  // namespace nara::inline NARA_BUILD::detail
