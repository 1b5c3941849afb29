// Counts and refuses allocations by standing in for the global operator new.
#include <cstdlib>
#include <new>
#include <testkit/cost.hpp>

namespace nara::test {

namespace {
constinit thread_local std::uint64_t allocations = 0;
constinit thread_local bool memory_is_out = false;
}  // namespace

std::uint64_t allocations_of_this_thread() noexcept { return allocations; }

NoMemory::NoMemory() noexcept { memory_is_out = true; }
NoMemory::~NoMemory() { memory_is_out = false; }

#ifndef NARA_THREAD_SANITIZER
static void* allocate(std::size_t size, std::size_t alignment) {
  ++allocations;
  if (memory_is_out) throw std::bad_alloc();
  // aligned_alloc asks for a multiple of the alignment, and may answer null to a size of 0.
  const std::size_t rounded = (size + alignment) / alignment * alignment;
  if (void* memory = std::aligned_alloc(alignment, rounded)) return memory;
  throw std::bad_alloc();
}
#endif

}  // namespace nara::test

#ifndef NARA_THREAD_SANITIZER
void* operator new(std::size_t size) {
  return nara::test::allocate(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return nara::test::allocate(size, static_cast<std::size_t>(alignment));
}
// Why these, too: the C++ library would call those above, but a sanitizer brings its own.
void* operator new[](std::size_t size) { return operator new(size); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
#endif
