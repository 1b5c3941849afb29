// Telling others that something has happened, without a value.
#pragma once

#include <nara/context.hpp>
#include <nara/detail/permits.hpp>
#include <nara/poll.hpp>
#include <nara/waker.hpp>
#include <string_view>

namespace nara::inline NARA_BUILD::sync {

class Notified;

/// Wakes one of those who wait, or all of them. A `notify_one()` that finds nobody is kept for the
/// next who comes; at most one is.
///
/// Thread safety: any thread, also outside of a runtime. It must outlive those who wait, and
/// those who notify. Mirrors `tokio::sync::Notify`.
class Notify {
 public:
  Notify() noexcept = default;

  /// Waits for a notification. Who has waited for the longest is the first to be chosen by
  /// `notify_one()`. That of `notify_waiters()` reaches all who have called this, even before they
  /// wait.
  ///
  /// Cancel safety: when it was chosen by `notify_one()` and is destroyed, the next one is chosen.
  /// Its place in the line is lost. Mirrors `tokio::sync::Notify::notified`.
  Notified notified() noexcept;

  /// Wakes the one who has waited for the longest, or the next who comes.
  void notify_one() noexcept { permits_.release(1); }

  /// Wakes the one who came last, or the next who comes.
  void notify_last() noexcept { permits_.release_to_last(); }

  /// Wakes all who wait now, in their order. Nothing is kept.
  void notify_waiters() noexcept { permits_.dismiss_all(); }

 private:
  friend Notified;

  detail::Permits permits_{0, 1};
};

/// Ready when it was notified. Made by `Notify::notified()`. It may be moved until its first poll.
class [[nodiscard]] Notified {
 public:
  using Output = void;
  static constexpr std::string_view kWaitsFor = "Notify::notified()";

  explicit Notified(Notify& notify) noexcept : waiter_(notify.permits_, 1) {}

  /// Takes one unit of the budget when it is ready. Throws `Misuse` after that.
  Poll<void> poll(Context& context) {
    Poll<detail::Held> answer = waiter_.poll(context, kWaitsFor);
    if (answer.is_pending()) return kPending;
    std::move(answer).value().forget();  // A notification is used up.
    return kReady;
  }

  /// Stands in line already, before it is polled. True when there is a notification for it, which
  /// is its own from then on. It must not be moved afterwards.
  bool enable() noexcept {
    return waiter_.ask(Waker::noop()) != detail::PermitWaiter::Answer::kWait;
  }

 private:
  detail::PermitWaiter waiter_;
};

inline Notified Notify::notified() noexcept { return Notified(*this); }

}  // namespace nara::inline NARA_BUILD::sync
