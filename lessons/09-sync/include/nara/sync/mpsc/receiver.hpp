// The half of an mpsc channel that receives.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <nara/context.hpp>
#include <nara/detail/block_here.hpp>
#include <nara/detail/channel.hpp>
#include <nara/misuse.hpp>
#include <nara/poll.hpp>
#include <nara/sync/mpsc/error.hpp>
#include <nara/sync/mpsc/wait.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace nara::inline NARA_BUILD::sync::mpsc {

/// The half that receives. Destroying it closes the channel, and destroys all messages that are in
/// it, before the destructor returns.
///
/// Thread safety: any thread, also outside of a runtime; one thread at a time. What it makes must
/// not outlive it. All functions throw `Misuse` when it was moved from. Mirrors
/// `tokio::sync::mpsc::Receiver` and `tokio::sync::mpsc::UnboundedReceiver`.
template <class T, Bound kBound>
class BasicReceiver {
  static constexpr bool kIsBounded = kBound == Bound::kSome;

 public:
  /// Made by `channel()`.
  explicit BasicReceiver(std::shared_ptr<detail::Channel<T>> channel) noexcept
      : channel_(std::move(channel)) {}
  BasicReceiver(BasicReceiver&& other) noexcept = default;
  /// What it was before is destroyed.
  BasicReceiver& operator=(BasicReceiver other) noexcept {
    std::swap(channel_, other.channel_);
    return *this;
  }
  ~BasicReceiver() {
    if (channel_ != nullptr) channel_->leave();
  }

  /// Waits for a message. Nothing when there will be none any more: all senders are gone or it was
  /// closed, no permit is out, and all was received.
  ///
  /// Cancel safe: it takes nothing until it is ready. Mirrors `tokio::sync::mpsc::Receiver::recv`.
  Recv<T> recv() { return Recv<T>(channel()); }

  /// The same, for who writes a future: while this is pending, the waker of the context will be
  /// woken.
  Poll<std::optional<T>> poll_recv(Context& context) { return channel().poll_recv(context); }

  /// Waits for a message, and appends all that are there, up to `limit`, to `target`, which must
  /// outlive it. The answer is how many they were: 0 when `limit` is, and else only when there will
  /// be no more.
  ///
  /// Throws `std::bad_alloc` when `target` cannot grow; what did not fit is still there. Cancel
  /// safe: it takes nothing until it is ready. Mirrors `tokio::sync::mpsc::Receiver::recv_many`.
  RecvMany<T> recv_many(std::vector<T>& target, std::size_t limit) {
    return RecvMany<T>(channel(), target, limit);
  }

  /// A message, if one is there. Mirrors `tokio::sync::mpsc::Receiver::try_recv`, which says
  /// "disconnected" for a closed channel even while a permit is out.
  std::expected<T, TryRecvError> try_recv() {
    using Nothing = detail::Channel<T>::Nothing;
    std::expected<T, Nothing> received = channel().try_recv();
    if (received) return *std::move(received);
    return std::unexpected(received.error() == Nothing::kYet ? TryRecvError::kEmpty
                                                             : TryRecvError::kDisconnected);
  }

  /// Stops the thread until there is a message, or will be none any more. Throws `Misuse` inside of
  /// a task. Mirrors `tokio::sync::mpsc::Receiver::blocking_recv`.
  std::optional<T> blocking_recv() {
    constexpr std::string_view kName = "mpsc::Receiver::blocking_recv()";
    detail::check_blocking(kName);
    std::expected<T, TryRecvError> received = try_recv();
    if (received) return *std::move(received);
    if (received.error() == TryRecvError::kDisconnected) return std::nullopt;
    return detail::block_here(recv(), kName);
  }

  /// From now on nothing can be sent, except through permits that are out. What was sent before can
  /// still be received. Mirrors `tokio::sync::mpsc::Receiver::close`.
  void close() { channel().close(); }

  /// True when it was closed, or all senders are gone.
  bool is_closed() const { return channel().is_closed() || channel().senders() == 0; }

  /// How many messages there are.
  std::size_t size() const { return channel().size(); }
  bool is_empty() const { return size() == 0; }

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

 private:
  detail::Channel<T>& channel() const {
    if (channel_ == nullptr) throw_moved();
    return *channel_;
  }
  [[noreturn, gnu::cold]] static void throw_moved() {
    throw Misuse("an mpsc::Receiver was used after it was moved away: use what it was moved to");
  }

  std::shared_ptr<detail::Channel<T>> channel_;
};

/// Receives from a channel with room for so many messages.
template <class T>
using Receiver = BasicReceiver<T, Bound::kSome>;
/// Receives from a channel that takes all messages.
template <class T>
using UnboundedReceiver = BasicReceiver<T, Bound::kNone>;

}  // namespace nara::inline NARA_BUILD::sync::mpsc
