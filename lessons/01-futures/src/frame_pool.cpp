// Free lists of equal blocks, one per size, one set per thread.
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <nara/frame_pool.hpp>
#include <new>
#include <utility>

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

/// Whole batches of blocks that some pool had too many of. There is one for the process.
class FramePool::Store {
 public:
  /// Never destroyed: a pool may be as static as it likes.
  static Store& get() noexcept {
    static auto* const store = new Store();
    return *store;
  }

  /// Null when there is none.
  Spare* take(std::size_t index) noexcept {
    const std::lock_guard lock(mutex_);
    auto& [count, batches] = kept_[index];
    return count == 0 ? nullptr : batches[--count];
  }

  /// False when it has enough of these.
  bool put(std::size_t index, Spare* batch) noexcept {
    const std::lock_guard lock(mutex_);
    auto& [count, batches] = kept_[index];
    if (count == batches.size()) return false;
    batches[count++] = batch;
    return true;
  }

 private:
  struct Kept {
    std::size_t count = 0;
    std::array<Spare*, 256> batches;
  };

  std::mutex mutex_;
  std::array<Kept, kClasses> kept_;
};

bool FramePool::recycles() noexcept {
  static const bool recycles = !watched();
  return recycles;
}

FramePool::FramePool() noexcept : previous_(pool_of_this_thread) {
  if (recycles()) pool_of_this_thread = this;
}

FramePool::~FramePool() {
  pool_of_this_thread = previous_;
  for (std::size_t index = 0; index < kClasses; ++index) {
    give_away(index);
    free(shelves_[index].open);
  }
}

void FramePool::free(Spare* top) noexcept {
  while (top != nullptr) ::operator delete(std::exchange(top, top->below));
}

void* FramePool::allocate(std::size_t size) {
  const std::size_t index = class_of(size);
  FramePool* const pool = pool_of_this_thread;
  if (pool != nullptr && index < kClasses) {
    Spare*& open = pool->shelves_[index].open;
    if (open != nullptr || pool->refill(index)) return std::exchange(open, open->below);
  }
  if (pool != nullptr) ++pool->allocations_;
  // A whole step, always: the block may be kept, and must then fit every frame of its class.
  return ::operator new(kSmallest + index * kStep);
}

void FramePool::deallocate(void* memory, std::size_t size) noexcept {
  const std::size_t index = class_of(size);
  FramePool* const pool = pool_of_this_thread;
  if (pool == nullptr || index >= kClasses) {
    ::operator delete(memory);
    return;
  }
  Spare*& open = pool->shelves_[index].open;
  std::uint32_t height = open == nullptr ? 0 : open->height;
  if (height == kBatch) {
    pool->make_room(index);
    height = 0;
  }
  open = new (memory) Spare{open, height + 1};
}

/// The open stack is empty. False when there is nothing to fill it with.
bool FramePool::refill(std::size_t index) noexcept {
  Shelf& shelf = shelves_[index];
  shelf.open =
      shelf.full != nullptr ? std::exchange(shelf.full, nullptr) : Store::get().take(index);
  return shelf.open != nullptr;
}

/// Leaves the full batch, if there is one, to other threads.
void FramePool::give_away(std::size_t index) noexcept {
  Spare* const batch = std::exchange(shelves_[index].full, nullptr);
  if (batch != nullptr && !Store::get().put(index, batch)) free(batch);
}

/// The open stack is a whole batch. Empties it.
void FramePool::make_room(std::size_t index) noexcept {
  give_away(index);
  shelves_[index].full = std::exchange(shelves_[index].open, nullptr);
}

}  // namespace nara::inline NARA_BUILD
