// What a future answers when it is polled: a value, or "not yet".
#pragma once

#include <concepts>
#include <nara/misuse.hpp>
#include <optional>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD {

/// The type of `kPending`.
struct PollPending {};

/// The answer "not yet". Whoever returns it has made sure that the waker of the context will be
/// woken once it is worth asking again; otherwise nobody will ever ask again.
inline constexpr PollPending kPending{};

/// The type of `kReady`.
struct PollReady {};

/// The answer "done" of a future without a value, a `Poll<void>`.
inline constexpr PollReady kReady{};

/// The answer of one `poll()`: ready with a `T`, or pending.
///
/// `return kPending;` and `return value;` both convert to it. Of `T` it asks only that it can be
/// moved. Thread safety: that of `T`. Mirrors `std::task::Poll`.
template <class T>
class [[nodiscard]] Poll {
 public:
  /// Pending.
  Poll(PollPending) noexcept {}

  /// Ready with `value`.
  template <class U = T>
    requires std::convertible_to<U, T> && (!std::same_as<std::remove_cvref_t<U>, Poll>)
  Poll(U&& value) : value_(std::forward<U>(value)) {}

  /// True when there is a value.
  bool is_ready() const noexcept { return value_.has_value(); }

  /// True when there is none yet.
  bool is_pending() const noexcept { return !value_.has_value(); }

  /// The value. Throws `Misuse` while pending.
  T& value() & {
    check_ready();
    return *value_;
  }
  T&& value() && {
    check_ready();
    return *std::move(value_);
  }

 private:
  void check_ready() const {
    if (is_pending()) throw Misuse("there is no value yet: ask is_ready() before value()");
  }

  std::optional<T> value_;
};

/// The answer of a future that has no value to give, only an end: `kReady` or `kPending`.
template <>
class [[nodiscard]] Poll<void> {
 public:
  Poll(PollPending) noexcept {}
  Poll(PollReady) noexcept : ready_(true) {}

  bool is_ready() const noexcept { return ready_; }
  bool is_pending() const noexcept { return !ready_; }

 private:
  bool ready_ = false;
};

}  // namespace nara::inline NARA_BUILD
