// The halves of an mpsc channel that send, and those that only remember it.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <nara/context.hpp>
#include <nara/detail/block_here.hpp>
#include <nara/detail/channel.hpp>
#include <nara/detail/room.hpp>
#include <nara/misuse.hpp>
#include <nara/poll.hpp>
#include <nara/sync/mpsc/error.hpp>
#include <nara/sync/mpsc/permit.hpp>
#include <nara/sync/mpsc/wait.hpp>
#include <optional>
#include <string_view>
#include <utility>

namespace nara::inline NARA_BUILD::sync::mpsc {

template <class T, Bound kBound>
class BasicWeakSender;

/// A half that sends. When the last one is destroyed, the receiver is at its end once it has
/// received all. `Sender` has room for so many messages, `UnboundedSender` for all.
///
/// A message must be movable without an exception. All that sends may throw `std::bad_alloc` when
/// there is no memory for the queue; the message is destroyed then.
///
/// Thread safety: any thread, also outside of a runtime; one object may be used by several at once.
/// What it makes must not outlive it, but for what owns a sender. All functions throw `Misuse` when
/// it was moved from. Mirrors `tokio::sync::mpsc::Sender` and
/// `tokio::sync::mpsc::UnboundedSender`.
template <class T, Bound kBound>
class BasicSender {
  static constexpr bool kIsBounded = kBound == Bound::kSome;

 public:
  using OwnedPermit = BasicPermit<T, BasicSender>;

  /// Made by `channel()`, `clone()` and `upgrade()`. It is counted among the senders already.
  explicit BasicSender(std::shared_ptr<detail::Channel<T>> channel) noexcept
      : channel_(std::move(channel)) {}
  BasicSender(BasicSender&& other) noexcept = default;
  /// What it was before is destroyed.
  BasicSender& operator=(BasicSender other) noexcept {
    std::swap(channel_, other.channel_);
    return *this;
  }
  ~BasicSender() {
    if (channel_ != nullptr) channel_->remove_sender();
  }

  /// Waits until there is room, and sends the message. First come, first served. When the receiver
  /// is closed or destroyed, the error has the message.
  ///
  /// Cancel safety: the message is destroyed, unsent, and the place in the line is lost. To keep
  /// the message, wait with `reserve()` and send then. Mirrors `tokio::sync::mpsc::Sender::send`.
  Send<T> send(T message)
    requires kIsBounded
  {
    return Send<T>(channel(), std::move(message));
  }

  /// Sends the message, at once. When the receiver is closed or destroyed, the error has the
  /// message. Mirrors `tokio::sync::mpsc::UnboundedSender::send`.
  std::expected<void, SendError<T>> send(T message)
    requires(!kIsBounded)
  {
    if (channel().offer(message)) return {};
    return std::unexpected(SendError<T>{std::move(message)});
  }

  /// Sends the message, if there is room now. The error has the message. Mirrors
  /// `tokio::sync::mpsc::Sender::try_send`.
  std::expected<void, TrySendError<T>> try_send(T message)
    requires kIsBounded
  {
    detail::Room<T> room = detail::Room<T>::try_take(channel(), 1);
    const bool has_room = room.is_held();
    if (has_room && room.put(message)) return {};
    const auto reason = has_room ? TryReserveError::kClosed : why_no_room();
    return std::unexpected(TrySendError<T>{reason, std::move(message)});
  }

  /// Stops the thread until there is room, and sends the message. The error has the message. Throws
  /// `Misuse` inside of a task. Mirrors `tokio::sync::mpsc::Sender::blocking_send`.
  std::expected<void, SendError<T>> blocking_send(T message)
    requires kIsBounded
  {
    constexpr std::string_view kName = "mpsc::Sender::blocking_send()";
    detail::check_blocking(kName);
    auto sent = try_send(std::move(message));
    if (sent) return {};
    TrySendError<T>& error = sent.error();
    if (error.is_full()) return detail::block_here(send(std::move(error.value)), kName);
    return std::unexpected(SendError<T>{std::move(error.value)});
  }

  /// Waits until there is room, and takes it, to send a message later. An error when the receiver
  /// is closed or destroyed.
  ///
  /// Cancel safety: the place in the line is lost. Room that it was given goes to the next. Mirrors
  /// `tokio::sync::mpsc::Sender::reserve`.
  Reserve<Permit<T>> reserve()
    requires kIsBounded
  {
    return Reserve<Permit<T>>(channel(), 1, {});
  }

  /// The same, and the permit owns the sender: `std::move(sender).reserve_owned()`. The sender is
  /// destroyed in case of an error, and when it is cancelled. Mirrors
  /// `tokio::sync::mpsc::Sender::reserve_owned`.
  Reserve<OwnedPermit, BasicSender> reserve_owned() &&
    requires kIsBounded
  {
    detail::Channel<T>& mine = channel();
    return Reserve<OwnedPermit, BasicSender>(mine, 1, std::move(*this));
  }

  /// The same for several messages. An error at once when they are more than `max_capacity()`.
  /// Cancel safety: that of `reserve()`. Mirrors `tokio::sync::mpsc::Sender::reserve_many`.
  Reserve<PermitBatch<T>> reserve_many(std::size_t count)
    requires kIsBounded
  {
    return Reserve<PermitBatch<T>>(channel(), count, {});
  }

  /// Takes room for one message, if there is some now. Mirrors
  /// `tokio::sync::mpsc::Sender::try_reserve`.
  std::expected<Permit<T>, TryReserveError> try_reserve()
    requires kIsBounded
  {
    detail::Room<T> room = detail::Room<T>::try_take(channel(), 1);
    if (!room.is_held()) return std::unexpected(why_no_room());
    return Permit<T>(std::move(room), {});
  }

  /// The same for several messages. For more than `max_capacity()` there never is: `kFull`. Mirrors
  /// `tokio::sync::mpsc::Sender::try_reserve_many`.
  std::expected<PermitBatch<T>, TryReserveError> try_reserve_many(std::size_t count)
    requires kIsBounded
  {
    if (count > max_capacity()) return std::unexpected(TryReserveError::kFull);
    detail::Room<T> room = detail::Room<T>::try_take(channel(), count);
    if (!room.is_held()) return std::unexpected(why_no_room());
    return PermitBatch<T>(std::move(room));
  }

  /// How many messages there is room for now.
  std::size_t capacity() const
    requires kIsBounded
  {
    return channel().permits().available();
  }

  /// How many messages there is room for when it is empty.
  std::size_t max_capacity() const
    requires kIsBounded
  {
    return channel().max_capacity();
  }

  /// Waits until the receiver is closed or destroyed: then there is no more need for messages.
  /// Cancel safe. Mirrors `tokio::sync::mpsc::Sender::closed`.
  UntilClosed<T> closed() const {
    (void)channel();
    return UntilClosed<T>(channel_);
  }

  /// True when the receiver is closed or destroyed.
  bool is_closed() const { return channel().is_closed(); }

  /// True when both send to the same receiver.
  bool same_channel(const BasicSender& other) const noexcept { return channel_ == other.channel_; }

  /// One more that sends. It has to be asked for, because a copy that is forgotten would keep the
  /// channel open.
  BasicSender clone() const {
    channel().add_sender();
    return BasicSender(channel_);
  }

  /// One that does not keep the channel open.
  BasicWeakSender<T, kBound> downgrade() const {
    channel().add_weak_sender();
    return BasicWeakSender<T, kBound>(channel_);
  }

  /// How many senders there are, and how many weak ones.
  std::size_t strong_count() const { return channel().senders(); }
  std::size_t weak_count() const { return channel().weak_senders(); }

 private:
  detail::Channel<T>& channel() const {
    if (channel_ == nullptr) throw_moved();
    return *channel_;
  }
  [[noreturn, gnu::cold]] static void throw_moved() {
    throw Misuse("an mpsc::Sender was used after it was moved away: clone() it before");
  }

  TryReserveError why_no_room() const {
    return is_closed() ? TryReserveError::kClosed : TryReserveError::kFull;
  }

  std::shared_ptr<detail::Channel<T>> channel_;
};

/// Can become a sender again, as long as there is one. It does not keep the channel open. Made by
/// `Sender::downgrade()`.
///
/// Thread safety: like a sender. Mirrors `tokio::sync::mpsc::WeakSender` and
/// `tokio::sync::mpsc::WeakUnboundedSender`.
template <class T, Bound kBound>
class BasicWeakSender {
 public:
  /// It is counted among the weak senders already.
  explicit BasicWeakSender(std::shared_ptr<detail::Channel<T>> channel) noexcept
      : channel_(std::move(channel)) {}
  BasicWeakSender(BasicWeakSender&& other) noexcept = default;
  BasicWeakSender& operator=(BasicWeakSender other) noexcept {
    std::swap(channel_, other.channel_);
    return *this;
  }
  ~BasicWeakSender() {
    if (channel_ != nullptr) channel_->remove_weak_sender();
  }

  /// A sender, or nothing when the last one was destroyed.
  std::optional<BasicSender<T, kBound>> upgrade() const {
    if (!channel().try_add_sender()) return std::nullopt;
    return BasicSender<T, kBound>(channel_);
  }

  /// One more of its kind.
  BasicWeakSender clone() const {
    channel().add_weak_sender();
    return BasicWeakSender(channel_);
  }

  /// How many senders there are, and how many weak ones.
  std::size_t strong_count() const { return channel().senders(); }
  std::size_t weak_count() const { return channel().weak_senders(); }

 private:
  detail::Channel<T>& channel() const {
    if (channel_ == nullptr) {
      throw Misuse("an mpsc::WeakSender was used after it was moved away: clone() it before");
    }
    return *channel_;
  }

  std::shared_ptr<detail::Channel<T>> channel_;
};

/// Sends to a channel with room for so many messages.
template <class T>
using Sender = BasicSender<T, Bound::kSome>;
/// Sends to a channel that takes all messages.
template <class T>
using UnboundedSender = BasicSender<T, Bound::kNone>;

/// The same two, without keeping the channel open.
template <class T>
using WeakSender = BasicWeakSender<T, Bound::kSome>;
template <class T>
using WeakUnboundedSender = BasicWeakSender<T, Bound::kNone>;

/// Room for one message that owns the sender. Made by `Sender::reserve_owned()`.
template <class T>
using OwnedPermit = BasicPermit<T, Sender<T>>;

}  // namespace nara::inline NARA_BUILD::sync::mpsc
