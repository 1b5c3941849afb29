// Waiting for the first of several futures.
//
//   select( f, g, h )        each poll asks them in turn, beginning with one that is drawn by lot
//           │  │  │
//           │  │  └─ is not asked any more
//           │  └──── ready: its value is taken, f, g and h are destroyed, and its handler runs
//           └─────── pending
#pragma once

#include <cstddef>
#include <nara/context.hpp>
#include <nara/detail/branch.hpp>
#include <nara/detail/slots.hpp>
#include <nara/future.hpp>
#include <nara/misuse.hpp>
#include <nara/poll.hpp>
#include <nara/random.hpp>
#include <nara/trace.hpp>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace nara::inline NARA_BUILD {

namespace detail {

/// A select without `otherwise()`.
struct NoElse {};

/// What several handlers give: a type that all of theirs can become.
template <class... Results>
struct CommonResult {
  static_assert((!Future<Results> && ...),
                "select(): a handler is a plain function; what is to be awaited comes after the "
                "select, or is a branch itself");
  static_assert(
      (Future<Results> || ...),
      "select(): no type can hold what each of the handlers gives: let them give the same");
};
template <class... Results>
  requires(!Future<Results> && ...) && requires { typename std::common_type_t<Results...>; }
struct CommonResult<Results...> {
  using Type = std::common_type_t<Results...>;
};

/// What a select gives. Without handlers: the value of the branch that has won, at its place.
template <class Else, class... Branches>
struct SelectOutput {
  static_assert((Branches::kHasHandler && ...),
                "select(): give each branch a handler with on(), or none");
};
template <class... Branches>
  requires(!Branches::kHasHandler && ...)
struct SelectOutput<NoElse, Branches...> {
  using Type = std::variant<typename Branches::Value...>;
};
template <class... Branches>
  requires(!Branches::kHasHandler && ...)
struct SelectOutput<NoHandler, Branches...> {
  using Type = std::variant<typename Branches::Value..., std::monostate>;
};
/// With handlers: what they give.
template <class... Branches>
  requires(Branches::kHasHandler && ...)
struct SelectOutput<NoElse, Branches...> {
  using Type = CommonResult<typename Branches::Handled::type...>::Type;
};
template <class Else, class... Branches>
  requires(Branches::kHasHandler && ...)
struct SelectOutput<Else, Branches...> {
  using Type = CommonResult<typename Branches::Handled::type..., std::invoke_result_t<Else&>>::Type;
};

}  // namespace detail

/// Ready with the first of several futures that is. Made by `select()` and `select_biased()`.
template <bool kIsBiased, class Else, class... Branches>
class [[nodiscard]] Select {
 public:
  using Output = detail::SelectOutput<Else, Branches...>::Type;

  Select(std::tuple<Branches...> branches, Else otherwise)
      : branches_(std::move(branches)), otherwise_(std::move(otherwise)) {}

  /// The same, but when no branch is left, because all are disabled, it is ready with what
  /// `handler()` gives; without a handler, with a `std::monostate` in the last place.
  template <class Handler = detail::NoHandler>
  auto otherwise(Handler handler = {}) && {
    static_assert(std::is_same_v<Else, detail::NoElse>, "select(): it has an otherwise() already");
    return Select<kIsBiased, Handler, Branches...>(*std::move(branches_), std::move(handler));
  }

  /// Ready when a branch is. Throws what a future or a handler throws, and `Misuse` after it was
  /// ready, and when no branch is left and it has no `otherwise()`.
  // [poll]
  Poll<Output> poll(Context& context) {
    // BEGIN SOLUTION
    // STARTER: return todo("08-layer: poll() asks the branches in turn; the first value wins");
    if (!branches_) throw Misuse("a select() was polled again after one of its branches had won");
    bool is_pending = false;
    Result result;
    detail::visit_from<sizeof...(Branches)>(first(), [&](auto number) {
      auto& branch = std::get<number>(*branches_);
      if (!branch.is_enabled()) return true;
      auto value = branch.poll(context);
      if (value) {
        finish<number>(*std::move(value), result);
        return false;
      }
      is_pending = is_pending || branch.is_enabled();
      return true;
    });
    if (is_pending && !result) return kPending;
    if (!result) give_up(result);
    return give(std::move(result));
    // END SOLUTION
  }
  // [/poll]

  void describe(Trace& trace) const {
    if (!branches_) return;
    detail::DescribeAll all(trace, "select");
    std::apply([&](const auto&... branch) { (all.add(branch), ...); }, *branches_);
  }

 private:
  using Result = std::optional<detail::Storable<Output>>;
  static constexpr bool kHasHandlers = (Branches::kHasHandler && ...);

  static std::size_t first() noexcept {
    return kIsBiased ? 0 : Random::current().below(sizeof...(Branches));
  }

  // [finish]
  /// The branch has won.
  template <std::size_t kNumber, class Value>
  void finish(Value value, Result& result) {
    // BEGIN SOLUTION
    // STARTER: todo("08-layer: finish() destroys all branches, and then runs the handler");
    using Branch = std::tuple_element_t<kNumber, std::tuple<Branches...>>;
    auto handler = std::get<kNumber>(*branches_).take_handler();
    branches_.reset();  // All are destroyed. Only now the handler may run.
    if constexpr (!kHasHandlers) {
      result.emplace(std::in_place_index<kNumber>, std::move(value));
    } else {
      run([&] { return Branch::handle(handler, std::move(value)); }, result);
    }
    // END SOLUTION
  }
  // [/finish]

  /// No branch is left.
  void give_up(Result& result) {
    // BEGIN SOLUTION
    // STARTER: todo("08-layer: give_up() says what is left to say when no branch is");
    branches_.reset();
    if constexpr (std::is_same_v<Else, detail::NoElse>) {
      throw Misuse(
          "select(): all branches are disabled, and nothing is said for that case: give it "
          "an otherwise()");
    } else if constexpr (!kHasHandlers) {
      result.emplace(std::in_place_index<sizeof...(Branches)>);
    } else {
      run([&] { return otherwise_(); }, result);
    }
    // END SOLUTION
  }

  template <class Handle>
  static void run(Handle handle, Result& result) {
    if constexpr (std::is_void_v<Output>) {
      handle();
      result.emplace();
    } else {
      result.emplace(handle());
    }
  }

  static Poll<Output> give(Result result) {
    if constexpr (std::is_void_v<Output>) {
      return kReady;
    } else {
      return *std::move(result);
    }
  }

  std::optional<std::tuple<Branches...>> branches_;  ///< Nothing after it was ready.
  [[no_unique_address]] Else otherwise_;
};

/// A branch whose value is given to `handler`, a plain function, if it wins; one that takes no
/// value is called without. All futures of the select are destroyed by then. The select gives what
/// the handler returns.
template <detail::BranchLike B, class Handler>
auto on(B&& branch, Handler handler) {
  return detail::to_branch(std::forward<B>(branch)).with(std::move(handler));
}

/// A branch that wins only with a value: its future gives a `std::optional`, a `std::expected`, or
/// anything else that may be empty. If it is, the branch is disabled. Mirrors a pattern as
/// `Some(value) = …`.
template <Future F>
auto some(F&& future) {
  using Kept = detail::Kept<F>;
  return detail::Branch<Kept, detail::SomeValue, detail::NoHandler>(Kept(std::forward<F>(future)),
                                                                    {}, true);
}

/// A branch that takes part only if `condition` holds. Else its future is never polled. Mirrors a
/// precondition, `…, if condition`.
template <detail::BranchLike B>
auto when(bool condition, B&& branch) {
  return detail::to_branch(std::forward<B>(branch)).when(condition);
}

/// Waits for the first of `branches` that is ready, in the task that awaits this. A branch is a
/// future, or made by `on()`, `some()` or `when()`. Gives a `std::variant`, whose index says which
/// branch has won; with handlers, what the handler of that branch gives. A future without a value
/// gives a `std::monostate`.
///
/// All futures, the winner's and the losers', are destroyed before the handler runs. A future that
/// is given by its name stays the caller's, with the progress that it has made: it can be polled by
/// the next select. When several are ready, the winner is drawn by lot, from the `Random` of the
/// runtime.
///
/// Cancel safety: that of the futures. A future that loses is cancelled, so what it had taken is
/// lost: see each future's own paragraph. Mirrors `tokio::select!`.
template <class... Branches>
  requires(sizeof...(Branches) > 0 && (detail::BranchLike<Branches> && ...))
auto select(Branches&&... branches) {
  return Select<false, detail::NoElse, detail::BranchOf<Branches>...>(
      std::tuple<detail::BranchOf<Branches>...>(
          detail::to_branch(std::forward<Branches>(branches))...),
      {});
}

/// The same, but of several that are ready, the first one wins. Put first what must not starve, and
/// last what is always ready. Cancel safety: that of the futures. Mirrors `biased;` of
/// `tokio::select!`.
template <class... Branches>
  requires(sizeof...(Branches) > 0 && (detail::BranchLike<Branches> && ...))
auto select_biased(Branches&&... branches) {
  return Select<true, detail::NoElse, detail::BranchOf<Branches>...>(
      std::tuple<detail::BranchOf<Branches>...>(
          detail::to_branch(std::forward<Branches>(branches))...),
      {});
}

}  // namespace nara::inline NARA_BUILD
