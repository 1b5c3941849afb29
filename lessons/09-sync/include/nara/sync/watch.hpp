// A channel that has one value, the newest: who looks sees that, and who waits learns that there is
// a new one.
//
//   Sender     send(A)   send(B)   send(C)
//   version       2         3         4
//   Receiver      │ changed()         │ changed()      it sees A and C, and never B
//
// Good for a state that others follow, such as a configuration: what it was in between is nobody's
// business.
#pragma once

#include <concepts>
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <nara/detail/ends.hpp>
#include <nara/detail/latest.hpp>
#include <nara/detail/not_moved.hpp>
#include <nara/sync/watch_receiver.hpp>
#include <utility>

namespace nara::inline NARA_BUILD::sync::watch {

/// Nobody receives; here is the value again. Mirrors `tokio::sync::watch::error::SendError`.
template <class T>
using SendError = detail::Unsent<T>;

/// Replaces the value. When the last sender is destroyed, the value stays, and who waits for a new
/// one gets an error.
///
/// Thread safety: any thread, also outside of a runtime. One that was moved from throws `Misuse`
/// when it is used. Mirrors `tokio::sync::watch::Sender`.
template <class T>
class [[nodiscard]] Sender {
 public:
  /// A channel without receivers. Mirrors `tokio::sync::watch::Sender::new`.
  explicit Sender(T initial)
      : latest_(
            std::make_shared<detail::Latest<T>>(std::make_shared<const T>(std::move(initial)))) {}

  Sender(Sender&& other) noexcept = default;
  Sender& operator=(Sender other) noexcept {
    std::swap(latest_, other.latest_);
    return *this;
  }
  ~Sender() {
    if (latest_ != nullptr) latest_->remove_sender();
  }

  /// Makes this the newest value. If nobody receives, it fails, the value stays what it was, and
  /// the error has the new one. Mirrors `tokio::sync::watch::Sender::send`.
  std::expected<void, SendError<T>> send(T value) const {
    const auto shared = std::make_shared<T>(std::move(value));
    if (latest().send(shared)) return {};
    return std::unexpected(SendError<T>{std::move(*shared)});
  }

  /// Makes this the newest value, even if nobody receives, and gives the one that it replaces.
  /// Mirrors `tokio::sync::watch::Sender::send_replace`.
  Ref<T> send_replace(T value) const {
    return Ref<T>(latest().replace(std::make_shared<const T>(std::move(value))), false);
  }

  /// Sends what `modify(copy)` makes of a copy of the value, even if nobody receives. Throws what
  /// it throws, and then nothing is sent.
  ///
  /// Nothing is locked meanwhile. So `modify` may do what it likes, even send; but when another
  /// value was sent before it returned, it is called again, with a copy of that. Mirrors
  /// `tokio::sync::watch::Sender::send_modify`, which locks.
  template <class Modify>
    requires std::copy_constructible<T> && std::invocable<Modify&, T&>
  void send_modify(Modify modify) const {
    send_if_modified([&](T& copy) {
      std::invoke(modify, copy);
      return true;
    });
  }

  /// The same, if `modify(copy)` returns true. Else nothing is sent, and the copy is thrown away.
  /// Returns what it has returned. Mirrors `tokio::sync::watch::Sender::send_if_modified`.
  template <class Modify>
    requires std::copy_constructible<T> && std::predicate<Modify&, T&>
  bool send_if_modified(Modify modify) const {
    for (;;) {
      const std::shared_ptr<const T> before = latest().look().value;
      const auto copy = std::make_shared<T>(*before);
      if (!std::invoke(modify, *copy)) return false;
      if (latest().replace_if(before, copy)) return true;
    }
  }

  /// The newest value.
  Ref<T> borrow() const { return Ref<T>(latest().look().value, false); }

  /// A receiver that has seen the newest value. Mirrors `tokio::sync::watch::Sender::subscribe`.
  Receiver<T> subscribe() const {
    const auto seen = latest().add_receiver();
    return Receiver<T>(latest_, seen);
  }

  /// Waits until nobody receives. This sender must outlive the wait. Cancel safe. Mirrors
  /// `tokio::sync::watch::Sender::closed`.
  detail::NobodyReceives closed() const { return detail::NobodyReceives(latest()); }

  /// True when nobody receives. That may change: see `subscribe()`.
  bool is_closed() const { return receiver_count() == 0; }

  std::size_t receiver_count() const { return latest().receivers(); }

  /// Another sender of the same channel.
  Sender clone() const {
    latest().add_sender();
    return Sender(latest_);
  }

  /// True when both are of one channel.
  bool same_channel(const Sender& other) const noexcept { return latest_ == other.latest_; }

 private:
  explicit Sender(std::shared_ptr<detail::Latest<T>> latest) noexcept
      : latest_(std::move(latest)) {}

  detail::Latest<T>& latest() const { return detail::not_moved(latest_, "a watch::Sender"); }

  std::shared_ptr<detail::Latest<T>> latest_;
};

/// A channel that has one value, the newest, with one sender and one receiver. The initial value
/// counts as seen. Mirrors `tokio::sync::watch::channel`.
template <class T>
std::pair<Sender<T>, Receiver<T>> channel(T initial) {
  Sender<T> sender(std::move(initial));
  Receiver<T> receiver = sender.subscribe();
  return {std::move(sender), std::move(receiver)};
}

}  // namespace nara::inline NARA_BUILD::sync::watch
