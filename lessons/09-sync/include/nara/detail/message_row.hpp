// Messages in a row: they are put behind the last, and taken from the front.
//
//      taken already   messages        room
//   ┌─────────────────┬───┬───┬───┬───────────────┐
//   │                 │ 4 │ 5 │ 6 │               │    one piece of memory
//   └─────────────────┴───┴───┴───┴───────────────┘
//                     ▲ begin     ▲ end
//
// Why no std::deque: it allocates as messages pass through. This one starts again at the left when
// the last message was taken, and keeps its memory. Why no std::vector: a message would only be
// destroyed with all others, not when it is taken.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <memory>
#include <nara/detail/gives_any.hpp>
#include <type_traits>
#include <utility>

namespace nara::inline NARA_BUILD::detail {

/// Some messages, in their order. Not thread-safe: whoever shares one guards it.
template <class T>
class MessageRow {
  static_assert(
      std::is_nothrow_move_constructible_v<T>,
      "a message is moved under a lock, which must not throw: send a std::unique_ptr to it");

 public:
  MessageRow() noexcept = default;
  MessageRow(const MessageRow&) = delete;
  MessageRow& operator=(const MessageRow&) = delete;
  ~MessageRow() {
    while (!empty()) (void)pop();
    free_memory();
  }

  bool empty() const noexcept { return begin_ == end_; }
  std::size_t size() const noexcept { return end_ - begin_; }

  /// Moves the message to the end. Throws `std::bad_alloc`, and then it is where it was.
  void push(T& message) {
    if (end_ == room_) grow();
    std::construct_at(messages_ + end_, std::move(message));
    ++end_;
  }

  /// Takes the first. There must be one.
  NARA_GIVES_ANY T pop() noexcept {
    assert(!empty());
    T& first = messages_[begin_];
    T popped = std::move(first);
    std::destroy_at(&first);
    ++begin_;
    if (empty()) start_again();
    return popped;
  }

  void swap(MessageRow& other) noexcept {
    std::swap(messages_, other.messages_);
    std::swap(room_, other.room_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
  }

 private:
  static constexpr std::size_t kFirstRoom = 16;
  static constexpr std::size_t kLargeRoom = 1024;

  /// What was large for a rush, and lies empty since, is given back.
  void start_again() noexcept {
    const std::size_t used = std::exchange(end_, 0);
    begin_ = 0;
    if (room_ > kLargeRoom && used < room_ / 8) free_memory();
  }

  [[gnu::noinline]] void grow() {
    const std::size_t room = std::max(2 * room_, kFirstRoom);
    T* const messages = std::allocator<T>().allocate(room);
    std::uninitialized_move(messages_ + begin_, messages_ + end_, messages);
    std::destroy(messages_ + begin_, messages_ + end_);
    end_ -= std::exchange(begin_, 0);
    free_memory();
    messages_ = messages;
    room_ = room;
  }

  void free_memory() noexcept {
    if (room_ != 0) std::allocator<T>().deallocate(messages_, room_);
    messages_ = nullptr;
    room_ = 0;
  }

  T* messages_ = nullptr;
  std::size_t room_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace nara::inline NARA_BUILD::detail
