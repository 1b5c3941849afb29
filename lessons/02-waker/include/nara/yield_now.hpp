// Stepping back, so that others can have a turn.
#pragma once

#include <nara/context.hpp>
#include <nara/poll.hpp>
#include <string_view>
#include <utility>

namespace nara::inline NARA_BUILD {

/// Pending once, then ready. Made by `yield_now()`.
class [[nodiscard]] YieldNow {
 public:
  using Output = void;
  static constexpr std::string_view kWaitsFor = "yield_now()";

  Poll<void> poll(Context& context) noexcept {
    if (std::exchange(has_yielded_, true)) return kReady;
    context.yield();
    return kPending;
  }

 private:
  bool has_yielded_ = false;
};

/// Lets every task that is ready run before this one goes on. Cancel safe. Mirrors
/// `tokio::task::yield_now`.
///
/// It asks for another turn in the context, which its executor reads: nobody is woken. Where no
/// executor looks, as in a poll by hand, it wakes.
inline YieldNow yield_now() noexcept { return {}; }

}  // namespace nara::inline NARA_BUILD
