// The receiving end of a watch channel: looking at the newest value, and waiting for the next one.
#pragma once

#include <concepts>
#include <expected>
#include <functional>
#include <memory>
#include <nara/context.hpp>
#include <nara/detail/latest.hpp>
#include <nara/detail/not_moved.hpp>
#include <nara/detail/until.hpp>
#include <nara/poll.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace nara::inline NARA_BUILD::sync::watch {

/// All senders are gone. Mirrors `tokio::sync::watch::error::RecvError`.
struct RecvError {
  bool operator==(const RecvError&) const noexcept = default;
  static std::string message() { return "the watch channel is closed"; }
};

/// The value of a moment. It stays what it is when a new one is sent, and may be kept across a
/// `co_await`; copies of it are cheap.
///
/// Mirrors `tokio::sync::watch::Ref`, but for one thing: that is a lock, which keeps senders
/// waiting, and can lead to a deadlock. This is not.
template <class T>
class Ref {
 public:
  Ref(std::shared_ptr<const T> value, bool has_changed) noexcept
      : value_(std::move(value)), has_changed_(has_changed) {}

  const T& operator*() const noexcept { return *value_; }
  const T* operator->() const noexcept { return value_.get(); }

  /// True when the receiver that gave it had not seen it before.
  bool has_changed() const noexcept { return has_changed_; }

 private:
  std::shared_ptr<const T> value_;
  bool has_changed_;
};

template <class T>
class Sender;
template <class T>
class Changed;
template <class T, class Predicate>
class WaitFor;

/// Looks at the newest value, and waits for the next. It knows up to which version it has *seen*.
///
/// Thread safety: one thread at a time. It must not be moved or destroyed while a future that it
/// has made refers to it. One that was moved from throws `Misuse` when it is used. Mirrors
/// `tokio::sync::watch::Receiver`.
template <class T>
class [[nodiscard]] Receiver {
 public:
  Receiver(Receiver&& other) noexcept = default;
  Receiver& operator=(Receiver other) noexcept {
    std::swap(latest_, other.latest_);
    std::swap(seen_, other.seen_);
    return *this;
  }
  ~Receiver() {
    if (latest_ != nullptr) latest_->remove_receiver();
  }

  /// The newest value, also when all senders are gone. It counts as seen only if it did before.
  /// Mirrors `tokio::sync::watch::Receiver::borrow`.
  Ref<T> borrow() const {
    auto now = latest().look();
    return Ref<T>(std::move(now.value), now.version != seen_);
  }

  /// The same, and it counts as seen: `changed()` waits for the next one. Mirrors
  /// `tokio::sync::watch::Receiver::borrow_and_update`.
  Ref<T> borrow_and_update() { return update(latest().look()); }

  /// True when there is a value that it has not seen, also when all senders are gone: which Tokio's
  /// would not tell any more. Mirrors `tokio::sync::watch::Receiver::has_changed`.
  bool has_changed() const { return latest().version() != seen_; }

  /// True when all senders are gone: the value stays what it is.
  bool is_closed() const { return latest().is_closed(); }

  /// The value counts as not seen.
  void mark_changed() noexcept { seen_ = detail::Latest<T>::kNone; }

  /// The value counts as seen.
  void mark_unchanged() { seen_ = latest().version(); }

  /// Waits until there is a value that it has not seen, which counts as seen then. Several that
  /// have come meanwhile are one change. Fails when there is none, and all senders are gone.
  ///
  /// Cancel safe: a value counts as seen when this is ready, not before. Mirrors
  /// `tokio::sync::watch::Receiver::changed`.
  Changed<T> changed() { return Changed<T>(*this); }

  /// Waits until `predicate(value)` holds for the newest value, and gives that. Begins with the one
  /// that is there; each counts as seen once it was tried. The last value is tried, too, when all
  /// senders are gone; then it fails. Throws what the predicate throws.
  ///
  /// Cancel safety: nothing is lost but that the values which were tried count as seen. Mirrors
  /// `tokio::sync::watch::Receiver::wait_for`.
  template <class Predicate>
    requires std::predicate<Predicate&, const T&>
  WaitFor<T, Predicate> wait_for(Predicate predicate) {
    return WaitFor<T, Predicate>(*this, std::move(predicate));
  }

  /// Another one, which has seen what this one has.
  Receiver clone() const {
    latest().add_receiver();
    return Receiver(latest_, seen_);
  }

  /// True when both are of one channel.
  bool same_channel(const Receiver& other) const noexcept { return latest_ == other.latest_; }

 private:
  friend Sender<T>;
  friend Changed<T>;
  template <class U, class Predicate>
  friend class WaitFor;

  using Version = detail::Latest<T>::Version;

  Receiver(std::shared_ptr<detail::Latest<T>> latest, Version seen) noexcept
      : latest_(std::move(latest)), seen_(seen) {}

  Ref<T> update(detail::Latest<T>::Now now) noexcept {
    return Ref<T>(std::move(now.value), std::exchange(seen_, now.version) != now.version);
  }

  detail::Latest<T>& latest() const { return detail::not_moved(latest_, "a watch::Receiver"); }

  std::shared_ptr<detail::Latest<T>> latest_;
  Version seen_;
};

/// Ready when there is a new value, or never going to be one. Made by `Receiver::changed()`.
template <class T>
class [[nodiscard]] Changed {
 public:
  using Output = std::expected<void, RecvError>;
  static constexpr std::string_view kWaitsFor = "watch::Receiver::changed()";

  explicit Changed(Receiver<T>& receiver)
      : receiver_(&receiver), until_(receiver.latest().changes()) {}

  /// Takes one unit of the budget when it is ready. Throws `Misuse` after that.
  Poll<Output> poll(Context& context) {
    const auto has_news = [this] { return receiver_->has_changed() || receiver_->is_closed(); };
    if (!until_.poll(context, kWaitsFor, has_news)) return kPending;
    if (!receiver_->has_changed()) return Output(std::unexpected(RecvError()));
    receiver_->mark_unchanged();
    return Output();
  }

 private:
  Receiver<T>* receiver_;
  detail::Until until_;
};

/// Ready with a value for which a predicate holds. Made by `Receiver::wait_for()`.
template <class T, class Predicate>
class [[nodiscard]] WaitFor {
 public:
  using Output = std::expected<Ref<T>, RecvError>;
  static constexpr std::string_view kWaitsFor = "watch::Receiver::wait_for()";

  WaitFor(Receiver<T>& receiver, Predicate predicate)
      : receiver_(&receiver),
        predicate_(std::move(predicate)),
        until_(receiver.latest().changes()) {}

  /// Takes one unit of the budget when it is ready. Throws `Misuse` after that, and what the
  /// predicate throws.
  Poll<Output> poll(Context& context) {
    const auto has_ended = [this] { return found_ || try_newest(); };
    if (!until_.poll(context, kWaitsFor, has_ended)) return kPending;
    if (!found_) return Output(std::unexpected(RecvError()));
    return Output(*std::move(found_));
  }

 private:
  /// True when it is the right one, or the last.
  bool try_newest() {
    auto now = receiver_->latest().look();
    const bool is_last = now.is_closed;
    const Ref<T> newest = receiver_->update(std::move(now));
    if (std::invoke(predicate_, *newest)) found_ = newest;
    return found_ || is_last;
  }

  Receiver<T>* receiver_;
  Predicate predicate_;
  std::optional<Ref<T>> found_;
  detail::Until until_;
};

}  // namespace nara::inline NARA_BUILD::sync::watch
