// Numbers that look random, and are the same again for the same seed.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace nara::inline NARA_BUILD {

/// The place of the `Random` among the services of a runtime.
inline constexpr std::size_t kRandomService = 6;

/// Where a runtime takes its random choices from: not for secrets.
///
/// Thread safety: all functions, any thread. Two threads that ask at the same moment may be given
/// the same number. Mirrors Tokio's `RngSeed`. (Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators", 2014: SplitMix64.)
class Random {
 public:
  /// The same seed gives the same numbers, in the same order.
  explicit constexpr Random(std::uint64_t seed) noexcept : state_(seed) {}

  /// That of the current runtime; outside of one, or when it has none, one for all.
  static Random& current() noexcept;

  /// All numbers are equally likely.
  std::uint64_t next() noexcept;

  /// One that is less than `limit`, which is at most 2^32 and not 0.
  std::size_t below(std::size_t limit) noexcept {
    return static_cast<std::size_t>(((next() >> 32) * limit) >> 32);
  }

 private:
  std::atomic<std::uint64_t> state_;
};

}  // namespace nara::inline NARA_BUILD
