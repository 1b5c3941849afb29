// Memory as a test sees it: how often it was asked for, and what if there is none.
#pragma once

#include <cstdint>

namespace nara::test {

/// False when allocations are not counted and `NoMemory` does nothing: under ThreadSanitizer, which
/// brings an `operator new` of its own that cannot be replaced.
#ifdef NARA_THREAD_SANITIZER
inline constexpr bool kSeesAllocations = false;
#else
inline constexpr bool kSeesAllocations = true;
#endif

/// How often this thread has called `operator new`.
std::uint64_t allocations_of_this_thread() noexcept;

/// Measures from its construction on.
class Cost {
 public:
  /// Calls of `operator new` on this thread since then.
  std::uint64_t allocations() const noexcept { return allocations_of_this_thread() - allocations_; }

 private:
  std::uint64_t allocations_ = allocations_of_this_thread();
};

/// While one is alive, every `operator new` of this thread throws `std::bad_alloc`.
class NoMemory {
 public:
  NoMemory() noexcept;
  NoMemory(const NoMemory&) = delete;
  NoMemory& operator=(const NoMemory&) = delete;
  ~NoMemory();
};

}  // namespace nara::test
