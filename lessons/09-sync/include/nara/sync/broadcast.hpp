// A channel whose receivers all get all values.
//
//                                                  Receiver   recv() → A, B, C
//   Sender   send(A) send(B) send(C)   ──────►     Receiver   recv() → A, B, C
//                                                  Receiver   recv() → lagged(1), B, C
//
// A sender never waits. Who is too slow misses the oldest values, and is told how many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <nara/context.hpp>
#include <nara/detail/block_here.hpp>
#include <nara/detail/ends.hpp>
#include <nara/detail/not_moved.hpp>
#include <nara/detail/ring.hpp>
#include <nara/detail/until.hpp>
#include <nara/poll.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace nara::inline NARA_BUILD::sync::broadcast {

/// Nobody receives; here is the value again. Mirrors `tokio::sync::broadcast::error::SendError`.
template <class T>
using SendError = detail::Unsent<T>;

/// Why a receiver was not given a value. Mirrors `tokio::sync::broadcast::error::RecvError` and
/// `TryRecvError`.
class [[nodiscard]] RecvError {
 public:
  /// All senders are gone, and all values were received.
  static RecvError closed() noexcept { return {Kind::kClosed, 0}; }
  /// `missed` values were overwritten before they were received.
  static RecvError lagged(std::uint64_t missed) noexcept { return {Kind::kLagged, missed}; }
  /// No value has come yet. Only of `try_recv()`.
  static RecvError empty() noexcept { return {Kind::kEmpty, 0}; }

  bool is_closed() const noexcept { return kind_ == Kind::kClosed; }
  bool is_lagged() const noexcept { return kind_ == Kind::kLagged; }
  bool is_empty() const noexcept { return kind_ == Kind::kEmpty; }

  /// How many values were missed. 0 when this is not the reason.
  std::uint64_t lagged() const noexcept { return missed_; }

  std::string message() const {
    if (is_empty()) return "no value has come yet";
    if (is_closed()) return "the broadcast channel is closed";
    return "the receiver was too slow, and has missed " + std::to_string(missed_);
  }

  bool operator==(const RecvError&) const noexcept = default;

 private:
  enum class Kind : std::uint8_t { kClosed, kLagged, kEmpty };

  RecvError(Kind kind, std::uint64_t missed) noexcept : missed_(missed), kind_(kind) {}

  std::uint64_t missed_;
  Kind kind_;
};

template <class T>
class Sender;

template <class T>
class Recv;

/// Gets each value that is sent from its `subscribe()` on, in their order. When it is destroyed, it
/// does not have to see any more.
///
/// Thread safety: one thread at a time. It must not be moved or destroyed while a `recv()` refers
/// to it. One that was moved from throws `Misuse` when it is used. Mirrors
/// `tokio::sync::broadcast::Receiver`.
template <class T>
class [[nodiscard]] Receiver {
 public:
  Receiver(Receiver&& other) noexcept = default;
  Receiver& operator=(Receiver other) noexcept {
    std::swap(ring_, other.ring_);
    std::swap(next_, other.next_);
    return *this;
  }
  ~Receiver() {
    if (ring_ != nullptr) ring_->remove_receiver(next_);
  }

  /// Waits for the next value, and gives a copy of it. Else a `RecvError`: `lagged()` says how many
  /// values it has missed, and then it goes on with the oldest that is still there; `is_closed()`,
  /// that there is never going to be another one. Throws what copying a `T` throws, and then the
  /// value is lost.
  ///
  /// Cancel safe: a value is taken when it is given, not before. Mirrors
  /// `tokio::sync::broadcast::Receiver::recv`.
  Recv<T> recv() { return Recv<T>(*this); }

  /// The same without waiting: `is_empty()` when no value has come. Mirrors
  /// `tokio::sync::broadcast::Receiver::try_recv`.
  std::expected<T, RecvError> try_recv() {
    auto taken = ring().take(next_);
    // The copy is made here, where nothing is locked.
    if (taken) return std::expected<T, RecvError>(std::in_place, **taken);
    return std::unexpected(error_of(taken.error()));
  }

  /// The same as `recv()`, but stops the thread meanwhile. Throws `Misuse` inside of a task.
  /// Mirrors `tokio::sync::broadcast::Receiver::blocking_recv`.
  std::expected<T, RecvError> blocking_recv() {
    constexpr std::string_view kWhat = "broadcast::Receiver::blocking_recv()";
    detail::check_blocking(kWhat);
    std::expected<T, RecvError> taken = try_recv();
    if (taken || !taken.error().is_empty()) return taken;
    return detail::block_here(recv(), kWhat);
  }

  /// Another one, which gets what is sent from now on. This one keeps what it has still to get.
  /// Mirrors `tokio::sync::broadcast::Receiver::resubscribe`.
  Receiver resubscribe() const {
    (void)ring();
    return Receiver(ring_);
  }

  /// How many values were sent that it did not get, with those that it has missed already.
  std::size_t size() const { return ring().behind(next_); }
  bool is_empty() const { return size() == 0; }

  /// True when both are of one channel.
  bool same_channel(const Receiver& other) const noexcept { return ring_ == other.ring_; }

 private:
  friend Sender<T>;
  friend Recv<T>;

  explicit Receiver(std::shared_ptr<detail::Ring<T>> ring)
      : ring_(std::move(ring)), next_(ring_->add_receiver()) {}

  static RecvError error_of(detail::Ring<T>::Nothing nothing) noexcept {
    if (nothing.missed != 0) return RecvError::lagged(nothing.missed);
    return nothing.is_closed ? RecvError::closed() : RecvError::empty();
  }

  detail::Ring<T>& ring() const { return detail::not_moved(ring_, "a broadcast::Receiver"); }

  std::shared_ptr<detail::Ring<T>> ring_;
  detail::Ring<T>::Position next_;  ///< Of the value that it gets next.
};

/// Ready with the next value, or with the reason why there is none. Made by `Receiver::recv()`.
template <class T>
class [[nodiscard]] Recv {
 public:
  using Output = std::expected<T, RecvError>;
  static constexpr std::string_view kWaitsFor = "broadcast::Receiver::recv()";

  explicit Recv(Receiver<T>& receiver) : receiver_(&receiver), until_(receiver.ring().changes()) {}

  /// Takes one unit of the budget when it is ready. Throws `Misuse` after that.
  Poll<Output> poll(Context& context) {
    const auto has_news = [this] { return receiver_->ring().has_news(receiver_->next_); };
    if (!until_.poll(context, kWaitsFor, has_news)) return kPending;
    return receiver_->try_recv();
  }

 private:
  Receiver<T>* receiver_;
  detail::Until until_;
};

/// Sends values to all receivers. When the last sender is destroyed, the receivers get what is
/// left, and then an error.
///
/// Thread safety: any thread, also outside of a runtime. One that was moved from throws `Misuse`
/// when it is used. Mirrors `tokio::sync::broadcast::Sender`.
template <class T>
class [[nodiscard]] Sender {
 public:
  /// A channel without receivers. `capacity`, rounded up to a power of two, is the number of values
  /// that a receiver may be behind without missing one. Throws `Misuse` when it is 0, or more than
  /// `SIZE_MAX / 2`. Mirrors `tokio::sync::broadcast::Sender::new`.
  explicit Sender(std::size_t capacity) : ring_(std::make_shared<detail::Ring<T>>(capacity)) {}

  Sender(Sender&& other) noexcept = default;
  Sender& operator=(Sender other) noexcept {
    std::swap(ring_, other.ring_);
    return *this;
  }
  ~Sender() {
    if (ring_ != nullptr) ring_->remove_sender();
  }

  /// Sends to all who receive now, and says how many these are. If there are none, it fails, and
  /// the error has the value. Never waits: the oldest value goes if there is no room. Of what is
  /// expensive to copy, send a `std::shared_ptr<const T>`. Mirrors
  /// `tokio::sync::broadcast::Sender::send`.
  std::expected<std::size_t, SendError<T>> send(T value) const {
    const auto shared = std::make_shared<T>(std::move(value));
    const std::size_t receivers = ring().send(shared);
    if (receivers == 0) return std::unexpected(SendError<T>{std::move(*shared)});
    return receivers;
  }

  /// A receiver of what is sent from now on. Mirrors `tokio::sync::broadcast::Sender::subscribe`.
  Receiver<T> subscribe() const {
    (void)ring();
    return Receiver<T>(ring_);
  }

  /// Another sender of the same channel.
  Sender clone() const {
    ring().add_sender();
    return Sender(ring_);
  }

  /// How many values there are that a receiver has still to get.
  std::size_t size() const { return ring().unseen(); }
  bool is_empty() const { return size() == 0; }

  std::size_t receiver_count() const { return ring().receivers(); }

  /// Waits until nobody receives. This sender must outlive the wait. Cancel safe. Mirrors
  /// `tokio::sync::broadcast::Sender::closed`.
  detail::NobodyReceives closed() const { return detail::NobodyReceives(ring()); }

  /// True when both are of one channel.
  bool same_channel(const Sender& other) const noexcept { return ring_ == other.ring_; }

 private:
  explicit Sender(std::shared_ptr<detail::Ring<T>> ring) noexcept : ring_(std::move(ring)) {}

  detail::Ring<T>& ring() const { return detail::not_moved(ring_, "a broadcast::Sender"); }

  std::shared_ptr<detail::Ring<T>> ring_;
};

/// A channel whose receivers all get all values, with one of each. For `capacity` see
/// `Sender(capacity)`. Mirrors `tokio::sync::broadcast::channel`.
template <class T>
std::pair<Sender<T>, Receiver<T>> channel(std::size_t capacity) {
  Sender<T> sender(capacity);
  Receiver<T> receiver = sender.subscribe();
  return {std::move(sender), std::move(receiver)};
}

}  // namespace nara::inline NARA_BUILD::sync::broadcast
