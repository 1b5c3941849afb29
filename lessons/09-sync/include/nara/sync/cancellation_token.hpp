// Asking a whole tree of work to end.
//
//              server                      cancel() of `b`: `b` and `b1` are cancelled.
//             ╱      ╲                     cancel() of `server`: all are.
//            a        b
//            │        │                    Whoever does something holds the token of it, and looks
//            a1       b1                   at it, or waits for it beside the work.
//
// A token is a request, and nobody is forced to anything: what is asked to end can do so in order.
#pragma once

#include <memory>
#include <nara/context.hpp>
#include <nara/detail/borrowed.hpp>
#include <nara/detail/cancellation_node.hpp>
#include <nara/detail/not_moved.hpp>
#include <nara/detail/permits.hpp>
#include <nara/detail/value.hpp>
#include <nara/future.hpp>
#include <nara/misuse.hpp>
#include <nara/poll.hpp>
#include <nara/trace.hpp>
#include <optional>
#include <string_view>
#include <utility>

namespace nara::inline NARA_BUILD::sync {

class CancellationToken;
class DropGuard;

/// Ready when a token is cancelled. Made by `CancellationToken::cancelled()`.
class [[nodiscard]] Cancelled {
 public:
  using Output = void;
  static constexpr std::string_view kWaitsFor = "CancellationToken::cancelled()";

  explicit Cancelled(detail::CancellationNode& node) noexcept : waiter_(node.waiters(), 1) {}

  /// Takes one unit of the budget when it is ready. Throws `Misuse` after that.
  Poll<void> poll(Context& context) {
    if (waiter_.poll(context, kWaitsFor).is_pending()) return kPending;
    return kReady;
  }

  /// The same as `poll()`, without the budget and without an end: for futures that contain it.
  bool poll_cancelled(Context& context) noexcept {
    return waiter_.ask(context.waker()) != detail::PermitWaiter::Answer::kWait;
  }

 private:
  detail::PermitWaiter waiter_;
};

template <Future F>
class RunUntilCancelled;
class CancelledOwned;

/// A request to end, for all who have the token or a clone of it, and for all its children. It can
/// be made only once, and not be taken back.
///
/// Thread safety: any thread, also outside of a runtime. One that was moved from throws `Misuse`
/// when it is used. Mirrors `tokio_util::sync::CancellationToken`.
class [[nodiscard]] CancellationToken {
 public:
  /// A new one, without a parent.
  CancellationToken() : node_(detail::CancellationNode::root()) {}

  CancellationToken(CancellationToken&& other) noexcept = default;
  CancellationToken& operator=(CancellationToken other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  /// Its children stay connected with its parent. Nothing is cancelled.
  ~CancellationToken() {
    if (node_ != nullptr) node_->remove_handle();
  }

  /// Asks all to end who have this token or a child of it, or a child of that, and wakes those who
  /// wait. Mirrors `tokio_util::sync::CancellationToken::cancel`.
  void cancel() const { node().cancel(); }

  bool is_cancelled() const { return node().is_cancelled(); }

  /// Waits until it is cancelled. This token must outlive the wait. Cancel safe. Mirrors
  /// `tokio_util::sync::CancellationToken::cancelled`.
  Cancelled cancelled() const { return Cancelled(node()); }

  /// The same, and keeps the token. Cancel safe. Mirrors
  /// `tokio_util::sync::CancellationToken::cancelled_owned`.
  CancelledOwned cancelled_owned() &&;

  /// A token that is cancelled when this one is, and can be cancelled alone. When this one is
  /// cancelled already, so is that. Mirrors `tokio_util::sync::CancellationToken::child_token`.
  CancellationToken child_token() const {
    return CancellationToken(detail::CancellationNode::child_of(node()));
  }

  /// The same token once more.
  CancellationToken clone() const {
    node().add_handle();
    return CancellationToken(node_);
  }

  /// Runs `future` until the token is cancelled: gives its value, or nothing. When the token is
  /// cancelled before the first poll, the future is never polled. When later both happen at once,
  /// the value wins. The future is destroyed together with this; one that is given by its name
  /// stays the caller's. Of a future without a value, gives a `std::monostate`. The token must
  /// outlive it. Throws what the future throws.
  ///
  /// Cancel safety: that of the future. Mirrors
  /// `tokio_util::sync::CancellationToken::run_until_cancelled`.
  template <class F>
    requires Future<F>
  auto run_until_cancelled(F&& future) const {
    using Kept = detail::Kept<F>;
    return RunUntilCancelled<Kept>(node(), Kept(std::forward<F>(future)));
  }

  /// Cancels the token when it is destroyed. Mirrors
  /// `tokio_util::sync::CancellationToken::drop_guard`.
  DropGuard drop_guard() &&;

 private:
  explicit CancellationToken(std::shared_ptr<detail::CancellationNode> node) noexcept
      : node_(std::move(node)) {}

  detail::CancellationNode& node() const { return detail::not_moved(node_, "a CancellationToken"); }

  std::shared_ptr<detail::CancellationNode> node_;
};

/// Ready when the token that it keeps is cancelled. Made by `CancellationToken::cancelled_owned()`.
class [[nodiscard]] CancelledOwned {
 public:
  using Output = void;
  static constexpr std::string_view kWaitsFor = Cancelled::kWaitsFor;

  explicit CancelledOwned(CancellationToken token)
      : token_(std::move(token)), cancelled_(token_.cancelled()) {}

  /// See `Cancelled::poll`.
  Poll<void> poll(Context& context) { return cancelled_.poll(context); }

 private:
  CancellationToken token_;  // The first: it goes when nobody waits for it any more.
  Cancelled cancelled_;
};

/// Ready with what the future gives, or with nothing when a token is cancelled. Made by
/// `CancellationToken::run_until_cancelled()`.
template <Future F>
class [[nodiscard]] RunUntilCancelled {
 public:
  using Output = std::optional<detail::ValueOf<F>>;
  static constexpr std::string_view kWhat = "CancellationToken::run_until_cancelled()";

  RunUntilCancelled(detail::CancellationNode& node, F future)
      : node_(&node), cancelled_(node), future_(std::move(future)) {}

  /// Throws what the future throws, and `Misuse` after it was ready.
  Poll<Output> poll(Context& context) {
    if (node_ == nullptr) detail::PermitWaiter::throw_done(kWhat);
    if (has_begun_ || !node_->is_cancelled()) {
      has_begun_ = true;
      Poll<detail::ValueOf<F>> answer = detail::poll_value(future_, context);
      if (answer.is_ready()) return end(Output(std::move(answer).value()));
    }
    // Why without the budget: a future that uses up all of it must not escape.
    if (cancelled_.poll_cancelled(context)) return end(std::nullopt);
    return kPending;
  }

  void describe(Trace& trace) const { detail::describe(future_, trace); }

 private:
  Poll<Output> end(Output output) {
    node_ = nullptr;
    return output;
  }

  detail::CancellationNode* node_;  ///< Null when it is done.
  Cancelled cancelled_;
  F future_;
  bool has_begun_ = false;
};

/// Cancels a token when it is destroyed: also when an exception is what destroys it. Mirrors
/// `tokio_util::sync::DropGuard`.
class [[nodiscard("destroying it cancels the token")]] DropGuard {
 public:
  explicit DropGuard(CancellationToken token) noexcept : token_(std::move(token)) {}
  DropGuard(DropGuard&& other) noexcept : token_(std::exchange(other.token_, std::nullopt)) {}
  /// Cancels the token that it had.
  DropGuard& operator=(DropGuard other) noexcept {
    std::swap(token_, other.token_);
    return *this;
  }
  ~DropGuard() {
    if (token_) token_->cancel();
  }

  /// The token, which is not cancelled.
  CancellationToken disarm() && {
    if (!token_) throw Misuse("a DropGuard was disarmed that holds no token any more");
    return *std::exchange(token_, std::nullopt);
  }

 private:
  std::optional<CancellationToken> token_;
};

inline CancelledOwned CancellationToken::cancelled_owned() && {
  return CancelledOwned(std::move(*this));
}

inline DropGuard CancellationToken::drop_guard() && {
  (void)node();
  return DropGuard(std::move(*this));
}

}  // namespace nara::inline NARA_BUILD::sync
