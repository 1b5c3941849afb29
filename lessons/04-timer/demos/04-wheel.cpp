// Follows one alarm through the wheel.
#include <cstdio>
#include <nara/detail/wheel.hpp>
#include <optional>

using nara::detail::Alarm;
using nara::detail::Wheel;

/// A number of ticks, as the three lowest digits that the wheel sees.
constexpr std::uint64_t ticks(unsigned high, unsigned middle, unsigned low) {
  return (high * 64 + middle) * 64 + low;
}

void tell(const char* what, std::uint64_t tick) {
  std::printf("%-22s %6llu = %02llu:%02llu:%02llu\n", what, static_cast<unsigned long long>(tick),
              static_cast<unsigned long long>(tick / 64 / 64 % 64),
              static_cast<unsigned long long>(tick / 64 % 64),
              static_cast<unsigned long long>(tick % 64));
}

int main() {
  Wheel wheel;
  (void)wheel.expire(ticks(0, 20, 5));
  tell("now", wheel.now());

  Alarm alarm;
  alarm.when = ticks(2, 30, 10);
  (void)wheel.insert(alarm);
  tell("an alarm is set for", alarm.when);

  while (const std::optional<std::uint64_t> next = wheel.next()) {
    const bool rings = wheel.expire(*next) != nullptr;
    tell(rings ? "it rings at" : "it moves down at", *next);
  }
}
