// What the two halves of a oneshot channel share.
//
//   open ──┬── send(value) ───────────────► sent: the value is the receiver's alone
//          ├── the sender is destroyed ───► unsent
//          └── close(), or the receiver
//              is destroyed ──────────────► closed
//
// The state changes once, under a mutex. Who comes second finds out that it is too late.
#pragma once

#include <cstdint>
#include <mutex>
#include <nara/detail/gives_any.hpp>
#include <nara/waker.hpp>
#include <optional>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD::detail {

/// What the two halves of a oneshot channel share. Any thread.
template <class T>
class OneshotCell {
  static_assert(
      std::is_nothrow_move_constructible_v<T>,
      "a value is moved under a lock, which must not throw: send a std::unique_ptr to it");

 public:
  enum class State : std::uint8_t { kOpen, kSent, kUnsent, kClosed };

  State state() const noexcept {
    const std::lock_guard lock(mutex_);
    return state_;
  }

  /// The last word of the sender: with a value, or without one. False when the receiver has closed
  /// the cell before; then the value is left as it was.
  bool finish(T* value) noexcept {
    Waker receiver = Waker::noop();
    Waker sender = Waker::noop();  // Dropped, while the mutex is free.
    {
      const std::lock_guard lock(mutex_);
      std::swap(sender, sender_);
      if (state_ != State::kOpen) return false;
      if (value != nullptr) value_.emplace(std::move(*value));
      state_ = value != nullptr ? State::kSent : State::kUnsent;
      std::swap(receiver, receiver_);
    }
    std::move(receiver).wake();
    return true;
  }

  /// The receiver wants nothing more than what was sent so far.
  void close() noexcept {
    Waker sender = Waker::noop();
    Waker receiver = Waker::noop();  // Dropped, while the mutex is free.
    {
      const std::lock_guard lock(mutex_);
      std::swap(receiver, receiver_);
      if (state_ != State::kOpen) return;
      state_ = State::kClosed;
      std::swap(sender, sender_);
    }
    std::move(sender).wake();
  }

  /// The state. While that is open, `waker` will be woken when it changes.
  State wait_as_sender(const Waker& waker) noexcept { return wait(sender_, waker); }
  State wait_as_receiver(const Waker& waker) noexcept { return wait(receiver_, waker); }

  /// The sender does not wait any more.
  void stop_waiting() noexcept {
    Waker sender = Waker::noop();  // Dropped, while the mutex is free.
    const std::lock_guard lock(mutex_);
    std::swap(sender, sender_);
  }

  /// What was sent. For the receiver, once.
  NARA_GIVES_ANY T take() noexcept {
    T taken = std::move(*value_);
    value_.reset();
    return taken;
  }

  /// Destroys what was sent, if that is still there. For the receiver, when nothing can come any
  /// more.
  void discard() noexcept { value_.reset(); }

 private:
  State wait(Waker& place, const Waker& waker) noexcept {
    Waker previous = Waker::noop();  // Dropped, while the mutex is free.
    const std::lock_guard lock(mutex_);
    if (state_ == State::kOpen && !place.will_wake(waker)) {
      previous = std::exchange(place, waker.clone());
    }
    return state_;
  }

  mutable std::mutex mutex_;
  State state_ = State::kOpen;      ///< Guarded by `mutex_`.
  Waker sender_ = Waker::noop();    ///< Guarded by `mutex_`.
  Waker receiver_ = Waker::noop();  ///< Guarded by `mutex_`.
  std::optional<T> value_;  ///< Guarded by `mutex_`, while it is open. Then it is the receiver's.
};

}  // namespace nara::inline NARA_BUILD::detail
