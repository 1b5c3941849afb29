// What `co_await future` turns into: three questions that the compiler asks, and one that the chain
// asks later.
#pragma once

#include <coroutine>
#include <exception>
#include <nara/detail/chain.hpp>
#include <nara/detail/slot.hpp>
#include <nara/future.hpp>
#include <nara/todo.hpp>
#include <nara/trace.hpp>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD::detail {

/// Awaits a future that is no coroutine, or is one with a chain of its own.
///
/// The future is held by reference: what a `co_await` expression creates lives in the frame until
/// the expression ends, so a future is never moved between its polls.
template <Future F>
class LeafAwaiter final : public Leaf {
  using Output = OutputOf<F>;
  static constexpr bool kNeverThrows = noexcept(std::declval<F&>().poll(std::declval<Context&>()));

 public:
  LeafAwaiter(F& future, Chain& chain) noexcept : future_(future), chain_(chain) {}

  /// Can the coroutine go on at once? Asked first.
  bool await_ready() noexcept(kNeverThrows) {
    return todo("01-layer: await_ready polls the future a first time");
  }

  /// Asked when it cannot: whom does the coroutine wait for?
  void await_suspend(std::coroutine_handle<>) noexcept {
    todo("01-layer: await_suspend tells the chain whom to poll from now on");
  }

  /// Asked when the coroutine goes on: what is the value of the `co_await` expression?
  Output await_resume() noexcept(kNeverThrows && std::is_void_v<Output>) {
    todo("01-layer: await_resume gives the value, or throws what a later poll threw");
  }

  /// Asked by the chain in every later poll: can the coroutine go on now?
  bool poll_again(Context& context) noexcept override {
    if constexpr (kNeverThrows) {
      return poll(context);
    } else {
      // The coroutine is not running, so an exception waits here until await_resume().
      try {
        return poll(context);
      } catch (...) {
        error_ = std::current_exception();
        return true;
      }
    }
  }

  void describe(Trace& trace) const override { detail::describe(future_, trace); }

 private:
  struct NoError {};
  using Error = std::conditional_t<kNeverThrows, NoError, std::exception_ptr>;

  bool poll(Context& context) noexcept(kNeverThrows) {
    return todo("01-layer: poll() asks the future, and keeps the value when it is ready");
  }

  F& future_;
  Chain& chain_;
  [[no_unique_address]] Slot<Output> value_;
  [[no_unique_address]] Error error_;
};

}  // namespace nara::inline NARA_BUILD::detail
