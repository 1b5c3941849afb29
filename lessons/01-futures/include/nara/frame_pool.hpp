// Memory for coroutine frames, kept and used again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

namespace nara::inline NARA_BUILD {

/// While one of these is alive, coroutine frames of its thread are recycled instead of freed.
///
/// Every call of a coroutine needs memory for its frame, and programs call the same few coroutines
/// again and again. The pool keeps the blocks of finished frames, sorted by size in steps of 16
/// bytes, and hands them out again: in a steady state nothing is allocated. It keeps at most 64
/// blocks of one size. More than these go, in batches of 32, to a store that all pools share, and
/// come back from there: a frame may be freed on another thread than the one that took it. Frames
/// of more than 520 bytes, and those of threads without a pool, are not recycled.
///
/// Under AddressSanitizer, ThreadSanitizer and valgrind nothing is kept, so that these tools see
/// every use after free.
///
/// Thread safety: a pool belongs to the thread that made it and is destroyed there, in the reverse
/// order of construction (the earlier pool is then in use again).
class FramePool {
 public:
  /// Serves the frames of this thread from now on.
  FramePool() noexcept;

  /// Gives the spare blocks away. Frames in use stay valid.
  ~FramePool();

  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;

  /// How many frames needed new memory so far. A plain number of one thread.
  std::uint64_t allocations() const noexcept { return allocations_; }

  /// False under a sanitizer or valgrind, where nothing is kept.
  static bool recycles() noexcept;

  /// Memory for a frame of `size` bytes. Throws `std::bad_alloc`. Called by coroutines.
  static void* allocate(std::size_t size);

  /// Takes back what `allocate(size)` gave.
  static void deallocate(void* memory, std::size_t size) noexcept;

 private:
  // Blocks have 24, 40, 56, … 520 bytes. Why not 16, 32, …: malloc adds 8 bytes of its own and
  // rounds up to 16, so that these are the sizes of which nothing is wasted.
  static constexpr std::size_t kStep = 16;
  static constexpr std::size_t kSmallest = 24;
  static constexpr std::size_t kClasses = (520 - kSmallest) / kStep + 1;
  static constexpr std::uint32_t kBatch = 32;

  /// What a spare block holds: its place in a stack.
  struct Spare {
    Spare* below;
    std::uint32_t height;  ///< 1 at the bottom.
  };

  struct Shelf {
    Spare* open = nullptr;  ///< Blocks come and go here.
    Spare* full = nullptr;  ///< A whole batch, or none.
  };

  class Store;

  static constexpr std::size_t class_of(std::size_t size) noexcept {
    return size <= kSmallest ? 0 : (size - kSmallest + kStep - 1) / kStep;
  }
  bool refill(std::size_t index) noexcept;
  void give_away(std::size_t index) noexcept;
  void make_room(std::size_t index) noexcept;
  static void free(Spare* top) noexcept;

  std::array<Shelf, kClasses> shelves_{};
  std::uint64_t allocations_ = 0;
  FramePool* const previous_;
};

namespace detail {

/// What derives from it comes from the pool that frames come from, wherever it is made by `new`.
struct Pooled {
  static void* operator new(std::size_t size) { return FramePool::allocate(size); }
  static void operator delete(void* memory, std::size_t size) noexcept {
    FramePool::deallocate(memory, size);
  }

  // What needs more alignment than the pool gives does not.
  static void* operator new(std::size_t size, std::align_val_t alignment) {
    return ::operator new(size, alignment);
  }
  static void operator delete(void* memory, std::size_t, std::align_val_t alignment) noexcept {
    ::operator delete(memory, alignment);
  }
};

}  // namespace detail

}  // namespace nara::inline NARA_BUILD
