// What an executor has done so far, in numbers.
#pragma once

#include <cstdint>

namespace nara::inline NARA_BUILD {

/// Plain numbers, written by one thread. What things cost is asserted from them in tests.
struct Counters {
  std::uint64_t spawned = 0;       ///< Tasks taken over.
  std::uint64_t turns = 0;         ///< Tasks taken from the run queue: polls, and ends of tasks.
  std::uint64_t local_wakes = 0;   ///< Tasks that were scheduled by this thread.
  std::uint64_t remote_wakes = 0;  ///< Tasks that were scheduled by other threads.
  std::uint64_t parks = 0;         ///< Times that the thread had nothing to do, and slept.
  std::uint64_t looks = 0;         ///< Times that it looked at its drivers without sleeping.
  std::uint64_t system_calls = 0;  ///< Through `nara::sys`, on this thread.
};

}  // namespace nara::inline NARA_BUILD
