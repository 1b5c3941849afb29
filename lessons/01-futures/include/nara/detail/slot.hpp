// Where a value waits inside a coroutine frame until somebody takes it.
#pragma once

#include <memory>
#include <nara/poll.hpp>
#include <optional>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD::detail {

/// Holds at most one `T`, of which it asks only that it can be moved.
///
/// Why boxed: compilers place a coroutine frame at 16 bytes and misalign what needs more inside it,
/// so a value that needs more gets memory of its own.
template <class T>
class Slot {
  static constexpr bool kBoxed = alignof(T) > __STDCPP_DEFAULT_NEW_ALIGNMENT__;

 public:
  void put(T&& value) {
    if constexpr (kBoxed) {
      value_ = std::make_unique<T>(std::move(value));
    } else {
      value_.emplace(std::move(value));
    }
  }

  /// Takes what a ready future answered.
  void put(Poll<T>&& answer) { put(std::move(answer).value()); }

  T take() { return std::move(*value_); }

 private:
  std::conditional_t<kBoxed, std::unique_ptr<T>, std::optional<T>> value_;
};

/// The end of a computation without a value leaves nothing behind.
template <>
class Slot<void> {
 public:
  void put(Poll<void>&&) noexcept {}
  void take() noexcept {}
};

}  // namespace nara::inline NARA_BUILD::detail
