// Room for messages in a channel that somebody has, or waits for.
#pragma once

#include <cstddef>
#include <nara/context.hpp>
#include <nara/detail/channel.hpp>
#include <nara/detail/permits.hpp>
#include <nara/poll.hpp>
#include <string_view>
#include <utility>

namespace nara::inline NARA_BUILD::detail {

/// Stands before what gives permits back, and so is destroyed after that: then the receiver of a
/// closed channel may be at its end.
template <class T>
class IdleCheck {
 public:
  explicit IdleCheck(Channel<T>* channel = nullptr) noexcept : channel_(channel) {}
  IdleCheck(IdleCheck&& other) noexcept : channel_(std::exchange(other.channel_, nullptr)) {}
  IdleCheck& operator=(IdleCheck&& other) noexcept {
    std::swap(channel_, other.channel_);
    return *this;
  }
  ~IdleCheck() {
    if (channel_ != nullptr) channel_->check_idle();
  }

  Channel<T>* channel() const noexcept { return channel_; }

 private:
  Channel<T>* channel_;
};

/// Room for some messages. It goes back when it is destroyed.
template <class T>
class [[nodiscard]] Room {
 public:
  Room(IdleCheck<T> check, Held held) noexcept : check_(std::move(check)), held_(std::move(held)) {}
  Room(Room&& other) noexcept = default;
  Room& operator=(Room other) noexcept {
    std::swap(check_, other.check_);
    std::swap(held_, other.held_);
    return *this;
  }

  /// Takes it without waiting. It is not held when there is not as much, or the channel is closed.
  static Room try_take(Channel<T>& channel, std::size_t count) noexcept {
    if (!channel.permits().try_acquire(count)) return Room(IdleCheck<T>(), Held());
    return Room(IdleCheck<T>(&channel), Held(channel.permits(), count));
  }

  /// False when the channel is closed, and for what was moved from.
  bool is_held() const noexcept { return held_.is_held(); }

  /// For how many it is.
  std::size_t size() const noexcept { return held_.count(); }

  /// Uses room for one message, which there must be. False when the receiver is gone; then the
  /// message is left as it was.
  bool put(T& message) {
    Held one = held_.split(1);
    if (!check_.channel()->put(message)) return false;
    one.forget();  // It belongs to the message, until that is received.
    return true;
  }

 private:
  IdleCheck<T> check_;
  Held held_;
};

/// Waits for room. Part of the future that is awaited. It may be moved until its first poll.
template <class T>
class RoomWaiter {
 public:
  RoomWaiter(Channel<T>& channel, std::size_t wants) noexcept
      : check_(&channel), waiter_(channel.permits(), wants) {}

  /// Ready with room that is held, or is not when the channel is closed. Takes one unit of the
  /// budget when it is ready. Throws `Misuse` after that; `what` says of what.
  // Why always inline: see PermitWaiter::poll().
  [[gnu::always_inline]] Poll<Room<T>> poll(Context& context, std::string_view what) {
    Poll<Held> answer = waiter_.poll(context, what);
    if (answer.is_pending()) return kPending;
    return Room<T>(std::move(check_), std::move(answer).value());
  }

 private:
  IdleCheck<T> check_;
  PermitWaiter waiter_;
};

}  // namespace nara::inline NARA_BUILD::detail
