// Room in a bounded channel, taken before there is something to send.
#pragma once

#include <cstddef>
#include <expected>
#include <nara/context.hpp>
#include <nara/detail/channel.hpp>
#include <nara/detail/guard.hpp>
#include <nara/detail/room.hpp>
#include <nara/misuse.hpp>
#include <nara/poll.hpp>
#include <nara/sync/mpsc/error.hpp>
#include <string_view>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD::sync::mpsc {

/// Room for one message. Destroying it gives that back. `Owner` is the sender that it has, or
/// `detail::NoOwner`: then the sender must outlive it.
///
/// Thread safety: any thread; one object by one thread at a time. It may be kept across a
/// `co_await`. Mirrors `tokio::sync::mpsc::Permit` and `tokio::sync::mpsc::OwnedPermit`.
template <class T, class Owner>
class [[nodiscard("destroying it gives the room back")]] BasicPermit {
  static constexpr bool kOwns = !std::is_same_v<Owner, detail::NoOwner>;

 public:
  using Message = T;

  /// Made by `Sender::reserve()` and its like.
  BasicPermit(detail::Room<T> room, Owner owner) noexcept
      : owner_(std::move(owner)), room_(std::move(room)) {}
  BasicPermit(BasicPermit&& other) noexcept = default;
  /// Gives back what it had.
  BasicPermit& operator=(BasicPermit other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(room_, other.room_);
    return *this;
  }

  /// Sends the message, at once: `std::move(permit).send(7)`. It is destroyed when the receiver is
  /// gone; when that is only closed, it still arrives. An owned permit returns its sender. Throws
  /// `Misuse` when the permit was used before, or moved from.
  auto send(T message) && {
    BasicPermit used(std::move(*this));
    used.check();
    (void)used.room_.put(message);
    if constexpr (kOwns) return std::move(used.owner_);
  }

  /// Gives the room back, and returns the sender.
  Owner release() &&
    requires kOwns
  {
    BasicPermit unused(std::move(*this));
    unused.check();
    return std::move(unused.owner_);
  }

 private:
  void check() const {
    if (!room_.is_held()) {
      throw Misuse("a permit was used that has no room any more: it sends one message");
    }
  }

  [[no_unique_address]] Owner owner_;  // The first: it goes when the room is given back.
  detail::Room<T> room_;
};

/// Room for one message. The sender must outlive it. Made by `Sender::reserve()`.
template <class T>
using Permit = BasicPermit<T, detail::NoOwner>;

/// Room for several messages. What is not used is given back when it is destroyed. The sender must
/// outlive it. Made by `Sender::reserve_many()`.
///
/// Thread safety: like `Permit`. Mirrors `tokio::sync::mpsc::PermitIterator`.
template <class T>
class [[nodiscard("destroying it gives the room back")]] PermitBatch {
 public:
  using Message = T;

  explicit PermitBatch(detail::Room<T> room, detail::NoOwner = {}) noexcept
      : room_(std::move(room)) {}

  /// Sends one of them, at once. It is destroyed when the receiver is gone. Throws `Misuse` when
  /// `size()` is 0.
  void send(T message) {
    if (room_.size() == 0) {
      throw Misuse("send() was called for more messages than were reserved: ask size() first");
    }
    (void)room_.put(message);
  }

  /// How many more it can send.
  std::size_t size() const noexcept { return room_.size(); }

 private:
  detail::Room<T> room_;
};

/// Ready with room, or with an error when the channel is closed. `P` is what it gives: a permit, an
/// owned one, or a batch. Made by `Sender::reserve()` and its like. It may be moved until its first
/// poll.
template <class P, class Owner = detail::NoOwner>
class [[nodiscard]] Reserve {
  using T = P::Message;

 public:
  using Output = std::expected<P, Closed>;
  static constexpr std::string_view kWaitsFor = "mpsc::Sender::reserve()";

  Reserve(detail::Channel<T>& channel, std::size_t count, Owner owner) noexcept
      : owner_(std::move(owner)), waiter_(channel, count), fits_(count <= channel.max_capacity()) {}

  /// Takes one unit of the budget when it is ready. Throws `Misuse` after that.
  Poll<Output> poll(Context& context) {
    if (!fits_) return Output(std::unexpected(Closed()));
    Poll<detail::Room<T>> answer = waiter_.poll(context, kWaitsFor);
    if (answer.is_pending()) return kPending;
    detail::Room<T> room = std::move(answer).value();
    if (!room.is_held()) return Output(std::unexpected(Closed()));
    return Output(P(std::move(room), std::move(owner_)));
  }

 private:
  [[no_unique_address]] Owner owner_;  // The first: it goes when the place in the line is left.
  detail::RoomWaiter<T> waiter_;
  bool fits_;
};

}  // namespace nara::inline NARA_BUILD::sync::mpsc
