// What a piece of code cost, for tests that promise a price.
#pragma once

#include <cstdint>

namespace nara::test {

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

}  // namespace nara::test
