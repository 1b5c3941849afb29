// A value that is made by the first who needs it, while all others wait for it.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <expected>
#include <nara/async.hpp>
#include <nara/context.hpp>
#include <nara/detail/permits.hpp>
#include <nara/future.hpp>
#include <nara/poll.hpp>
#include <nara/spawn.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD::sync {

/// A value that a `OnceCell` did not take, and why not. Mirrors `tokio::sync::SetError`.
template <class T>
struct SetError {
  enum class Reason : std::uint8_t {
    kAlreadyInitialized,  ///< There is a value.
    kInitializing         ///< Somebody is making one.
  };

  Reason reason;
  T value;  ///< What was given to `set()`.

  bool is_already_initialized() const noexcept { return reason == Reason::kAlreadyInitialized; }
  bool is_initializing() const noexcept { return reason == Reason::kInitializing; }

  std::string message() const {
    return is_initializing() ? "the value of the OnceCell is being made by somebody else"
                             : "the OnceCell has a value already";
  }
};

/// A place for a `T` that is filled once, by whoever comes first. The others wait, and get the same
/// value.
///
/// Thread safety: any thread, also outside of a runtime; what several do with the value at the same
/// time is up to them. It must outlive those who wait. Mirrors `tokio::sync::OnceCell`.
template <class T>
class OnceCell {
  static_assert(std::is_object_v<T>, "a OnceCell has to have something to keep");

 public:
  /// Without a value.
  OnceCell() noexcept = default;

  /// With a value.
  explicit OnceCell(T value) : value_(std::move(value)), is_initialized_(true) {}

  /// True when there is a value.
  bool is_initialized() const noexcept {
    // Acquire: pairs with put().
    return is_initialized_.load(std::memory_order_acquire);
  }

  /// The value, or null when there is none yet. It stays where it is until `take()`.
  T* get() noexcept { return is_initialized() ? &*value_ : nullptr; }
  const T* get() const noexcept { return is_initialized() ? &*value_ : nullptr; }

  /// Fills the cell, if it is empty and nobody makes a value. Gives `value` back otherwise.
  std::expected<void, SetError<T>> set(T value) {
    const detail::Held turn = try_turn();
    if (turn.is_held() && !is_initialized()) {
      put(std::move(value));
      return {};
    }
    using Reason = SetError<T>::Reason;
    const auto why = is_initialized() ? Reason::kAlreadyInitialized : Reason::kInitializing;
    return std::unexpected(SetError<T>{why, std::move(value)});
  }

  /// The value. If there is none, `co_await make()` makes it, or somebody else who came first does.
  /// Never null. Throws what `make` throws: then the next one tries.
  ///
  /// Inside of `make`, to wait for the value of the same cell is to wait for ever.
  ///
  /// Cancel safety: who is destroyed while it makes the value leaves that to the next one. Its
  /// place in the line is lost.
  template <FutureFunction F>
    requires std::convertible_to<OutputOf<std::invoke_result_t<F&>>, T>
  Async<T*> get_or_init(F make) {
    if (T* const value = get()) co_return value;
    const detail::Held turn = co_await Turn(permits_);
    if (T* const value = get()) co_return value;
    T made = co_await make();
    co_return put(std::move(made));
  }

  /// The same for a `make` that can fail: it gives a `std::expected<T, Error>`. An error goes to
  /// who has called this; then the next one tries. Cancel safety: that of `get_or_init()`.
  template <FutureFunction F, class Error = OutputOf<std::invoke_result_t<F&>>::error_type>
  Async<std::expected<T*, Error>> get_or_try_init(F make) {
    if (T* const value = get()) co_return value;
    const detail::Held turn = co_await Turn(permits_);
    if (T* const value = get()) co_return value;
    auto made = co_await make();
    if (!made) co_return std::unexpected(std::move(made).error());
    co_return put(*std::move(made));
  }

  /// Takes the value out, for who has the cell to themselves. Then it is empty.
  std::optional<T> take() {
    is_initialized_.store(false, std::memory_order_relaxed);
    return std::exchange(value_, std::nullopt);
  }

 private:
  /// Ready when nobody else makes the value: with the right to make it, or with nothing, because it
  /// has been made.
  class Turn {
   public:
    using Output = detail::Held;
    static constexpr std::string_view kWaitsFor = "OnceCell::get_or_init()";

    explicit Turn(detail::Permits& permits) noexcept : waiter_(permits, 1) {}

    Poll<detail::Held> poll(Context& context) { return waiter_.poll(context, kWaitsFor); }

   private:
    detail::PermitWaiter waiter_;
  };

  detail::Held try_turn() noexcept {
    return permits_.try_acquire(1) ? detail::Held(permits_, 1) : detail::Held();
  }

  /// For who has the turn.
  T* put(T value) {
    T* const made = &value_.emplace(std::move(value));
    // Release: pairs with is_initialized().
    is_initialized_.store(true, std::memory_order_release);
    permits_.dismiss_all();  // All at once, instead of one turn after the other.
    return made;
  }

  detail::Permits permits_{1};  ///< Who has it makes the value.
  std::optional<T> value_;
  std::atomic<bool> is_initialized_ = false;
};

}  // namespace nara::inline NARA_BUILD::sync
