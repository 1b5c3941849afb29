// What a future is given when it is polled.
#pragma once

#include <cstdint>
#include <nara/waker.hpp>

namespace nara::inline NARA_BUILD {

/// Handed down through every `poll()` of one turn: whom to wake, and how much may still be done.
///
/// It lives on the stack of whoever polls and is gone when that poll returns: a future that wants
/// to be woken later keeps a clone of `waker()`, never the context. Not thread-safe. Mirrors
/// `std::task::Context`; the budget is Tokio's `task::coop`.
class Context {
 public:
  /// The units of work that a task may do in one poll.
  static constexpr std::uint8_t kBudget = 128;

  /// A context with a full budget that wakes through `waker`, which has to outlive it.
  explicit Context(const Waker& waker) noexcept : waker_(waker) {}

  /// The type of `kLooks`.
  struct Looks {};

  /// The promise of an executor to look, after each pending poll, whether the future has yielded.
  static constexpr Looks kLooks{};

  /// The same, from an executor that looks at `has_yielded()`.
  Context(const Waker& waker, Looks) noexcept : waker_(waker), looks_(true) {}

  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// Whom to wake when it is worth polling again.
  const Waker& waker() const noexcept { return waker_; }

  /// Takes one unit of the budget; false when it is used up. A future that always has something
  /// ready spends a unit before it succeeds, and when none is left it wakes itself and is pending,
  /// so that it cannot keep the thread from everybody else.
  bool spend() noexcept {
    if (budget_ == 0) return false;
    --budget_;
    return true;
  }

  /// Asks to be polled again after everybody else who is ready has had a turn. It costs no wake
  /// when an executor has promised to look; otherwise it is one.
  void yield() noexcept {
    if (looks_) {
      has_yielded_ = true;
    } else {
      waker_.wake_by_ref();
    }
  }

  /// True when a future has called `yield()`, and its poller has promised to look.
  bool has_yielded() const noexcept { return has_yielded_; }

  /// Says that nobody is ever going to wake the future, and that this is meant.
  void expect_no_wake() noexcept { expects_no_wake_ = true; }

  /// True when a future has called `expect_no_wake()`.
  bool expects_no_wake() const noexcept { return expects_no_wake_; }

  /// How many coroutines were resumed with this context so far: what a poll has cost.
  std::uint32_t resumes() const noexcept { return resumes_; }

  /// Counts resumed coroutines. Called by `Async`.
  void count_resumes(std::uint32_t resumes) noexcept { resumes_ += resumes; }

 private:
  const Waker& waker_;
  std::uint32_t resumes_ = 0;
  std::uint8_t budget_ = kBudget;
  bool looks_ = false;
  bool has_yielded_ = false;
  bool expects_no_wake_ = false;
};

}  // namespace nara::inline NARA_BUILD
