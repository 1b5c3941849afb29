// What the tests of the wheel alone have in common.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <nara/detail/wheel.hpp>
#include <optional>
#include <vector>

using Tick = std::uint64_t;

/// An alarm for that tick.
struct At : nara::detail::Alarm {
  explicit At(Tick tick) { when = tick; }
};

/// A tick of each kind: at the ends of the wheel's rounds, just before, and just after.
inline constexpr Tick kTicks[] = {1,
                                  2,
                                  5,
                                  63,
                                  64,
                                  65,
                                  100,
                                  127,
                                  128,
                                  4'095,
                                  4'096,
                                  4'097,
                                  262'143,
                                  262'144,
                                  262'145,
                                  16'777'215,
                                  16'777'216,
                                  16'777'217,
                                  (1U << 30) - 1,
                                  1U << 30,
                                  (1U << 30) + 1,
                                  (Tick{1} << 36) - 1};

using Rung = std::vector<const nara::detail::Alarm*>;

/// All that are due at `tick`.
inline Rung due(nara::detail::Wheel& wheel, Tick tick) {
  Rung rung;
  while (const nara::detail::Alarm* alarm = wheel.expire(tick)) rung.push_back(alarm);
  return rung;
}

/// Goes from each tick that `next()` names to the following one, until an alarm rings. Says when.
inline Tick ring_next(nara::detail::Wheel& wheel, const nara::detail::Alarm& alarm) {
  while (true) {
    const std::optional<Tick> next = wheel.next();
    REQUIRE(next.has_value());
    REQUIRE(*next > wheel.now());
    REQUIRE(*next <= alarm.when);
    const nara::detail::Alarm* const rung = wheel.expire(*next);
    if (rung == nullptr) continue;
    REQUIRE(rung == &alarm);
    return *next;
  }
}
