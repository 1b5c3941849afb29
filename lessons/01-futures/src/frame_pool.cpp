// Free lists of equal blocks, one per size, one set per thread.
#include <cstdlib>
#include <cstring>
#include <nara/frame_pool.hpp>
#include <new>

namespace nara::inline NARA_BUILD {

namespace {

// Why initial-exec: the default model calls a function for each access from a shared library.
// Why constinit and trivial: no guard on access, no destructor whose order could matter.
[[gnu::tls_model("initial-exec")]] constinit thread_local FramePool* pool_of_this_thread = nullptr;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

/// Recycling hides a use after free from tools that watch `operator delete`.
bool watched() noexcept {
  if (kSanitized) return true;
  const char* preloaded = std::getenv("LD_PRELOAD");  // This is how valgrind gets in.
  return preloaded != nullptr && std::strstr(preloaded, "vgpreload") != nullptr;
}

}  // namespace

bool FramePool::recycles() noexcept {
  static const bool recycles = !watched();
  return recycles;
}

FramePool::FramePool() noexcept
    : previous_(pool_of_this_thread), most_spare_(recycles() ? kMostSpare : 0) {
  pool_of_this_thread = this;
}

FramePool::~FramePool() {
  pool_of_this_thread = previous_;
  for (Shelf& shelf : shelves_) {
    while (Spare* block = shelf.first) {
      shelf.first = block->next;
      ::operator delete(block);
    }
  }
}

FramePool::Shelf* FramePool::shelf_for(std::size_t size) noexcept {
  const std::size_t index = class_of(size);
  return index < kClasses ? &shelves_[index] : nullptr;
}

void* FramePool::allocate(std::size_t size) {
  if (FramePool* pool = pool_of_this_thread) {
    ++pool->counters_.frames;
    Shelf* shelf = pool->shelf_for(size);
    if (shelf != nullptr && shelf->first != nullptr) {
      Spare* block = shelf->first;
      shelf->first = block->next;
      --shelf->spare;
      return block;
    }
    ++pool->counters_.allocations;
  }
  // Whole steps, always: the block may end up on a shelf, where it must fit every frame of it.
  return ::operator new(kFirst + class_of(size) * kStep);
}

void FramePool::deallocate(void* memory, std::size_t size) noexcept {
  FramePool* pool = pool_of_this_thread;
  Shelf* shelf = pool == nullptr ? nullptr : pool->shelf_for(size);
  if (shelf == nullptr || shelf->spare >= pool->most_spare_) {
    ::operator delete(memory);
    return;
  }
  shelf->first = new (memory) Spare{shelf->first};
  ++shelf->spare;
}

}  // namespace nara::inline NARA_BUILD
