// Memory for coroutine frames, kept and used again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace nara::inline NARA_BUILD {

/// While one of these is alive, coroutine frames of its thread are recycled instead of freed.
///
/// Every call of a coroutine needs memory for its frame, and programs call the same few coroutines
/// again and again. The pool keeps the blocks of finished frames, sorted by size in steps of 16
/// bytes, and hands them out again: in a steady state nothing is allocated. Frames of more than 520
/// bytes, and more than 64 spare blocks of one size, go back to `operator delete`. A thread without
/// a pool uses `operator new` for each frame. Blocks may be freed on another thread than the one
/// that took them.
///
/// Under AddressSanitizer, ThreadSanitizer and valgrind nothing is kept, so that these tools see
/// every use after free.
///
/// Thread safety: a pool belongs to the thread that made it and is destroyed there, in the reverse
/// order of construction (the earlier pool is then in use again).
class FramePool {
 public:
  /// What the pool did so far. Plain numbers of one thread.
  struct Counters {
    std::uint64_t frames = 0;       ///< Frames asked for.
    std::uint64_t allocations = 0;  ///< Of these, how many needed new memory.
  };

  /// Serves the frames of this thread from now on.
  FramePool() noexcept;

  /// Frees the spare blocks. Frames in use stay valid.
  ~FramePool();

  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;

  const Counters& counters() const noexcept { return counters_; }

  /// False under a sanitizer or valgrind, where nothing is kept.
  static bool recycles() noexcept;

  /// Memory for a frame of `size` bytes. Throws `std::bad_alloc`. Called by coroutines.
  static void* allocate(std::size_t size);

  /// Takes back what `allocate(size)` gave.
  static void deallocate(void* memory, std::size_t size) noexcept;

 private:
  // Blocks have 8, 24, 40, … 520 bytes. Why not 16, 32, …: malloc adds 8 bytes of its own and
  // rounds up to 16, so that these are the sizes of which nothing is wasted.
  static constexpr std::size_t kStep = 16;
  static constexpr std::size_t kFirst = 8;
  static constexpr std::size_t kClasses = 33;
  static constexpr std::uint32_t kMostSpare = 64;

  /// A spare block holds the link to the next one.
  struct Spare {
    Spare* next;
  };

  struct Shelf {
    Spare* first = nullptr;
    std::uint32_t spare = 0;
  };

  static constexpr std::size_t class_of(std::size_t size) noexcept {
    return (size + kStep - kFirst - 1) / kStep;
  }
  Shelf* shelf_for(std::size_t size) noexcept;

  std::array<Shelf, kClasses> shelves_{};
  Counters counters_;
  FramePool* const previous_;
  const std::uint32_t most_spare_;  ///< Of one size. 0 when nothing may be recycled.
};

}  // namespace nara::inline NARA_BUILD
