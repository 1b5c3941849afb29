// A ring of bytes between two tasks.
#include <algorithm>
#include <memory>
#include <nara/detail/byte_pipe.hpp>
#include <nara/io/duplex.hpp>
#include <system_error>

namespace nara::inline NARA_BUILD {

namespace detail {

BytePipe::Answer BytePipe::poll(std::span<std::byte> into, Context& context) {
  std::unique_lock lock(mutex_);
  const std::size_t size = std::min(size_, into.size());
  if (size == 0 && !into.empty() && !is_gone_[kWriter])
    return wait(kReader, context, std::move(lock));
  if (!context.spend()) return later(context);
  for (std::byte& byte : into.first(size)) {
    byte = ring_[begin_];
    begin_ = (begin_ + 1) % ring_.size();
  }
  size_ -= size;
  wake(kWriter, std::move(lock));
  return io::Result<std::size_t>(size);
}

BytePipe::Answer BytePipe::poll(std::span<const std::byte> bytes, Context& context) {
  std::unique_lock lock(mutex_);
  const std::size_t size = std::min(ring_.size() - size_, bytes.size());
  if (is_gone_[kReader] || is_gone_[kWriter]) {
    return io::Result<std::size_t>(std::unexpect, std::make_error_code(std::errc::broken_pipe));
  }
  if (size == 0 && !bytes.empty()) return wait(kWriter, context, std::move(lock));
  if (!context.spend()) return later(context);
  for (const std::byte byte : bytes.first(size)) {
    ring_[(begin_ + size_) % ring_.size()] = byte;
    ++size_;
  }
  wake(kReader, std::move(lock));
  return io::Result<std::size_t>(size);
}

BytePipe::Answer BytePipe::wait(Side side, Context& context,
                                std::unique_lock<std::mutex> lock) noexcept {
  Waker waker = context.waker().clone();
  std::swap(wakers_[side], waker);
  lock.unlock();  // Before the one goes that was there: what that drops may be anything.
  return kPending;
}

BytePipe::Answer BytePipe::later(Context& context) noexcept {
  context.yield();
  return kPending;
}

void BytePipe::wake(Side side, std::unique_lock<std::mutex> lock) noexcept {
  Waker waker = std::exchange(wakers_[side], Waker::noop());
  lock.unlock();
  std::move(waker).wake();
}

void BytePipe::forget(Side side) noexcept {
  Waker waker = Waker::noop();
  const std::lock_guard lock(mutex_);
  std::swap(wakers_[side], waker);
}

void BytePipe::end(Side side) noexcept {
  std::unique_lock lock(mutex_);
  is_gone_[side] = true;
  wake(side == kReader ? kWriter : kReader, std::move(lock));
}

}  // namespace detail

namespace io {

std::pair<DuplexStream, DuplexStream> duplex(std::size_t capacity) {
  auto there = std::make_shared<nara::detail::BytePipe>(std::max<std::size_t>(capacity, 1));
  auto back = std::make_shared<nara::detail::BytePipe>(std::max<std::size_t>(capacity, 1));
  return {DuplexStream(back, there), DuplexStream(there, back)};
}

}  // namespace io

}  // namespace nara::inline NARA_BUILD
