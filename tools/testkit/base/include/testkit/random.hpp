// Chance in a test, and how to have the same again: NARA_STRESS_SEED=7 repeats a run, and
// NARA_STRESS_ROUNDS=100000 makes it a long one.
#pragma once

#include <cstdlib>
#include <random>
#include <string>
#include <testkit/steps.hpp>

namespace nara::test {

using Random = std::minstd_rand;

/// A number from 0 on, less than `end`.
inline int below(Random& random, int end) {
  return static_cast<int>(random() % static_cast<unsigned>(end));
}

inline int from_environment(const char* name, int otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? std::stoi(value) : otherwise;
}

/// Calls `round(seed)` so many times, with a seed of its own each time. The steps say which: set
/// that, and NARA_STRESS_ROUNDS=1, to have just that round again.
template <class Round>
void for_each_seed(int rounds, Round round) {
  const int first = from_environment("NARA_STRESS_SEED", 1);
  const int end = first + from_environment("NARA_STRESS_ROUNDS", rounds);
  for (int seed = first; seed < end; ++seed) {
    step("NARA_STRESS_SEED=", seed);
    round(static_cast<unsigned>(seed));
  }
}

/// The limit for a test of so many rounds: ample, but nobody waits for an hour when one hangs.
inline double seconds_for_seeds(int rounds) {
  return 60 + 0.2 * from_environment("NARA_STRESS_ROUNDS", rounds);
}

}  // namespace nara::test
