// Memory for what is received, taken only when something is there.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <nara/io/result.hpp>
#include <nara/sys/socket.hpp>
#include <span>
#include <utility>
#include <vector>

namespace nara::inline NARA_BUILD::net {

class BufferPool;

/// Bytes that were received. Their memory goes back to its pool when this is destroyed.
///
/// Thread safety: one thread at a time; it may be destroyed on any.
class [[nodiscard]] Buffer {
 public:
  Buffer(Buffer&& other) noexcept
      : pool_(other.pool_),
        memory_(std::move(other.memory_)),
        size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(memory_, other.memory_);
    std::swap(size_, other.size_);
    return *this;
  }
  inline ~Buffer();

  /// Empty at the end of a stream.
  std::span<const std::byte> bytes() const noexcept { return {memory_.get(), size_}; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

 private:
  friend BufferPool;

  Buffer(BufferPool& pool, std::unique_ptr<std::byte[]> memory, std::size_t size) noexcept
      : pool_(&pool), memory_(std::move(memory)), size_(size) {}

  BufferPool* pool_;
  std::unique_ptr<std::byte[]> memory_;
  std::size_t size_;
};

/// Pieces of memory of one size, used again and again. A connection that has nothing to say takes
/// none of it: so ten thousand idle ones need no buffers at all.
///
/// Thread safety: any thread. It must outlive its buffers.
class BufferPool {
 public:
  /// For buffers of `size` bytes; keeps at most `most` that nobody uses.
  explicit BufferPool(std::size_t size = std::size_t{16} << 10, std::size_t most = 64)
      : size_(size), most_(most) {
    spare_.reserve(most);
  }
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;
  ~BufferPool() { take_last(); }

  std::size_t buffer_size() const noexcept { return size_; }

  // [read]
  /// Reads from a socket into one of its buffers. `EAGAIN` when there is nothing yet. recv(2).
  io::Result<Buffer> read(int descriptor) {
    std::unique_ptr<std::byte[]> memory = take();
    const auto size = sys::recv(descriptor, std::span(memory.get(), size_));
    if (size) return Buffer(*this, std::move(memory), *size);
    give_back(std::move(memory));
    return std::unexpected(size.error());
  }
  // [/read]

 private:
  friend Buffer;

  std::unique_ptr<std::byte[]> take() {
    if (auto memory = take_last()) return memory;
    {
      const std::lock_guard lock(mutex_);
      if (!spare_.empty()) {
        auto memory = std::move(spare_.back());
        spare_.pop_back();
        return memory;
      }
    }
    return std::make_unique_for_overwrite<std::byte[]>(size_);
  }

  /// The one that was given back last, if it is still here: for it, nobody has to lock.
  std::unique_ptr<std::byte[]> take_last() noexcept {
    // Acquire: pairs with give_back(), before which somebody has used it.
    return std::unique_ptr<std::byte[]>(last_.exchange(nullptr, std::memory_order_acquire));
  }

  void give_back(std::unique_ptr<std::byte[]> memory) noexcept {
    if (most_ == 0) return;
    // Release: pairs with take_last(). Acquire: it may be freed here.
    memory.reset(last_.exchange(memory.release(), std::memory_order_acq_rel));
    if (memory == nullptr) return;
    const std::lock_guard lock(mutex_);
    if (spare_.size() + 1 < most_) spare_.push_back(std::move(memory));
  }

  const std::size_t size_;
  const std::size_t most_;
  std::atomic<std::byte*> last_ = nullptr;  ///< Owned. One of those that nobody uses, or null.
  std::mutex mutex_;
  std::vector<std::unique_ptr<std::byte[]>> spare_;  ///< The others. Guarded by `mutex_`.
};

inline Buffer::~Buffer() {
  if (memory_ != nullptr) pool_->give_back(std::move(memory_));
}

}  // namespace nara::inline NARA_BUILD::net
