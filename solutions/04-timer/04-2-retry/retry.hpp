// Trying again: after a failure, wait; after each further one, wait for longer; and never all at
// once with everybody else.
#pragma once

#include <algorithm>
#include <concepts>
#include <nara/async.hpp>
#include <nara/future.hpp>
#include <nara/time/clock.hpp>
#include <nara/time/sleep.hpp>
#include <type_traits>

/// How often to try, and how long to wait in between.
struct RetryPolicy {
  int attempts;                ///< In all, the first included. At least 1.
  nara::time::Duration first;  ///< The longest that the first wait may be.
  nara::time::Duration cap;    ///< The longest that any wait may be.
};

/// Chance: each call gives a number from 0 to 1.
template <class R>
concept Random = requires(R& random) {
  { random() } -> std::same_as<double>;
};

/// The waits after one failure after the other.
class Backoff {
 public:
  explicit Backoff(const RetryPolicy& policy)
      : longest_(std::min(policy.first, policy.cap)), cap_(policy.cap) {}

  /// The next wait: chance decides, between nothing and the longest that it may be. That doubles
  /// with each call, up to the cap.
  template <Random R>
  nara::time::Duration next(R& random) {
    // BEGIN SOLUTION
    // STARTER: return nara::todo("04-2: next() draws a wait, and doubles the longest, up to the cap");
    const auto wait = std::chrono::duration_cast<nara::time::Duration>(longest_ * random());
    longest_ = longest_ < cap_ / 2 ? longest_ * 2 : cap_;
    return wait;
    // END SOLUTION
  }

 private:
  nara::time::Duration longest_;
  nara::time::Duration cap_;
};

/// What an attempt gives: a `std::expected<T, E>`.
template <class Attempt>
using ResultOf = nara::OutputOf<std::invoke_result_t<Attempt&>>;

/// Calls `attempt()`, an async function, until it gives a value, and gives that. Waits after each
/// failure as `Backoff` says. The failure of the last attempt is given at once.
///
/// Cancel safety: destroying it destroys the attempt that is going on. No further one is made.
template <class Attempt, Random R>
nara::Async<ResultOf<Attempt>> retry(RetryPolicy policy, Attempt attempt, R random) {
  // BEGIN SOLUTION
  // STARTER: co_return nara::todo("04-2: retry() tries, waits, and tries again, or gives up");
  Backoff backoff(policy);
  for (int left = policy.attempts - 1;; --left) {
    ResultOf<Attempt> result = co_await attempt();
    if (result || left <= 0) co_return result;
    const nara::time::Duration wait = backoff.next(random);
    co_await nara::time::sleep(wait);
  }
  // END SOLUTION
}
