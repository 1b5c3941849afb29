// How a test program has ended. `tools/programs.py` knows these codes, too, and README.md explains
// them.
#pragma once

namespace nara::test {

inline constexpr int kFailed = 1;       ///< Of doctest, as well: a check failed.
inline constexpr int kTodo = 77;        ///< A hole was reached.
inline constexpr int kLeaked = 87;      ///< A test has lost memory.
inline constexpr int kForgotten = 121;  ///< A task waits, and nobody has its waker.
inline constexpr int kStuck = 122;      ///< Every thread sleeps, and nobody is left to wake one.
inline constexpr int kHung = 124;       ///< The time of a test was over. That of timeout(1).

}  // namespace nara::test
