// All executors of the process, for those who ask what they do.
#pragma once

#include <atomic>
#include <mutex>
#include <nara/task_dump.hpp>
#include <vector>

namespace nara::inline NARA_BUILD::detail {

struct Executors {
  std::mutex mutex;
  std::vector<CurrentThread*> alive;  ///< Guarded by `mutex`.

  /// Never destroyed, so that an executor may be as static as it likes.
  static Executors& get() {
    static auto* const executors = new Executors();
    return *executors;
  }
};

inline constinit std::atomic<ParkHook> park_hook = nullptr;
inline constinit std::atomic<ParkHook> unpark_hook = nullptr;

}  // namespace nara::inline NARA_BUILD::detail
