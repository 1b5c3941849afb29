// Waiting until something holds that others bring about.
//
//      who waits                                who changes something
//      ─────────                                ─────────────────────
//   1  listens: makes an Until                  1  changes it
//   2  looks whether it holds                   2  calls changes.dismiss_all()
//   3  if not, waits, and begins anew
//
// A change before 2 is seen. A change after 2 reaches whoever listens, even who does not wait yet.
// So none is missed, however the steps of the two mix.
#pragma once

#include <nara/context.hpp>
#include <nara/detail/permits.hpp>
#include <optional>
#include <string_view>
#include <utility>

namespace nara::inline NARA_BUILD::detail {

/// Waits for changes, until one is the right one. Part of the future that is awaited. It may be
/// moved until its first poll.
class Until {
 public:
  /// Listens. After each change, `changes.dismiss_all()` is called.
  explicit Until(Permits& changes) noexcept
      : changes_(&changes), waiter_(std::in_place, changes, 1) {}

  /// True when `holds()` is, for one unit of the budget. It is called at least once in each poll,
  /// so it must not take anything. Throws what it throws, and `Misuse` after it held; `what` says
  /// of what.
  // [poll]
  template <class Holds>
  bool poll(Context& context, std::string_view what, Holds holds) {
    if (!waiter_) PermitWaiter::throw_done(what);
    while (!holds()) {
      if (waiter_->ask(context.waker()) == PermitWaiter::Answer::kWait) return false;
      waiter_.emplace(*changes_, 1);
    }
    if (!context.spend()) {
      context.yield();
      return false;
    }
    waiter_.reset();
    return true;
  }
  // [/poll]

 private:
  Permits* changes_;
  std::optional<PermitWaiter> waiter_;  ///< Nothing when it is done.
};

}  // namespace nara::inline NARA_BUILD::detail
