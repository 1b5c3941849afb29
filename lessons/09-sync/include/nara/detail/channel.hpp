// What all halves of an mpsc channel share: two rows of messages, and the permits to send.
//
//   senders                                                                    receiver
//             ┌ permits ───┐       ┌ inbox (a mutex) ┐            ┌ batch ───────────┐
//   acquire ─►│ ○ ○ ○      │  put  │ 7 8 9           │   swap     │ 4 5 6            │ take
//             │            │ ─────►│                 │ ─────────► │                  │ ────►
//             └─▲──────────┘       └─────────────────┘            └──────────────────┘
//               └───────────────────────────────── release ──────────────────────────────┘
//
// The receiver takes all that is in the inbox at once, by swapping it with its own empty row, and
// hands it out from there: so most receives need no mutex, and no memory is asked for once both
// rows are large enough.
//
// A bounded channel has a permit for each message that fits. Whoever sends acquires one, and the
// receive releases it. So there are never more messages than that, and who waits for room waits
// for a permit. An unbounded channel is one that asks for no permits.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <mutex>
#include <nara/context.hpp>
#include <nara/detail/gives_any.hpp>
#include <nara/detail/message_row.hpp>
#include <nara/detail/permits.hpp>
#include <nara/poll.hpp>
#include <nara/waker.hpp>
#include <optional>
#include <utility>
#include <vector>

namespace nara::inline NARA_BUILD::detail {

/// Any thread, but for what is said to be the receiver's.
template <class T>
class Channel {
 public:
  /// The capacity of a channel that takes all.
  static constexpr std::size_t kUnbounded = 0;

  explicit Channel(std::size_t capacity) noexcept
      : capacity_(capacity), permits_(capacity, capacity) {}

  std::size_t max_capacity() const noexcept { return capacity_; }

  /// What is needed before `put()`, one for each message. Closed when the channel is.
  Permits& permits() noexcept { return permits_; }

  /// Whoever waits for the channel to be closed listens to these.
  Permits& closing() noexcept { return closing_; }

  /// True when the receiver was closed or destroyed.
  bool is_closed() const noexcept { return permits_.is_closed(); }

  // -- Senders ------------------------------------------------------------------------------------

  /// Takes over the message of one who has a permit. False when the receiver is gone; then the
  /// message is left as it was. Throws `std::bad_alloc`, likewise.
  bool put(T& message) {
    std::unique_lock lock(mutex_);
    return !is_gone_ && push(message, std::move(lock));
  }

  /// The same without a permit, and false when the channel is closed.
  bool offer(T& message) {
    std::unique_lock lock(mutex_);
    return !is_closed() && push(message, std::move(lock));
  }

  /// To be called when permits were given back: the receiver of a closed channel waits for the
  /// last.
  void check_idle() noexcept {
    if (is_closed() && is_idle()) wake_receiver();
  }

  std::size_t senders() const noexcept { return senders_.load(std::memory_order_relaxed); }
  std::size_t weak_senders() const noexcept {
    return weak_senders_.load(std::memory_order_relaxed);
  }

  void add_sender() noexcept { senders_.fetch_add(1, std::memory_order_relaxed); }
  void add_weak_sender() noexcept { weak_senders_.fetch_add(1, std::memory_order_relaxed); }
  void remove_weak_sender() noexcept { weak_senders_.fetch_sub(1, std::memory_order_relaxed); }

  /// False when the last has gone.
  bool try_add_sender() noexcept {
    std::size_t senders = senders_.load(std::memory_order_relaxed);
    while (senders != 0) {
      if (senders_.compare_exchange_weak(senders, senders + 1, std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  void remove_sender() noexcept {
    // Release: pairs with is_at_end(). Its messages come before its end. Acquire: those of the
    // others, too.
    if (senders_.fetch_sub(1, std::memory_order_acq_rel) == 1) wake_receiver();
  }

  // -- The receiver -------------------------------------------------------------------------------

  /// A message, or nothing when there will be none any more. While it is pending, the waker of the
  /// context will be woken.
  // Why always inline: see PermitWaiter::poll().
  [[gnu::always_inline]] Poll<std::optional<T>> poll_recv(Context& context) noexcept {
    if (batch_.empty() && !refill(&context.waker())) return kPending;
    if (!context.spend()) {
      context.yield();
      return kPending;
    }
    if (batch_.empty()) return std::optional<T>();
    return std::optional<T>(take());
  }

  /// The same for all that are there, up to `limit`, into `target`. Throws `std::bad_alloc`, and
  /// then those that did not fit are still there.
  Poll<std::size_t> poll_recv_many(Context& context, std::vector<T>& target, std::size_t limit) {
    if (limit == 0) return std::size_t(0);
    if (batch_.empty() && !refill(&context.waker())) return kPending;
    if (!context.spend()) {
      context.yield();
      return kPending;
    }
    std::size_t count = take_some(target, limit);
    while (count < limit && refill(nullptr) && !batch_.empty()) {
      count += take_some(target, limit - count);
    }
    return count;
  }

  /// A message, or why there is none.
  enum class Nothing : std::uint8_t { kYet, kEver };
  std::expected<T, Nothing> try_recv() noexcept {
    if (batch_.empty() && !refill(nullptr)) return std::unexpected(Nothing::kYet);
    if (batch_.empty()) return std::unexpected(Nothing::kEver);
    return take();
  }

  /// How many messages there are.
  std::size_t size() const noexcept {
    const std::lock_guard lock(mutex_);
    return inbox_.size() + batch_.size();
  }

  /// The receiver does not wait any more.
  void stop_waiting() noexcept {
    Waker receiver = Waker::noop();  // Dropped, while the mutex is free.
    const std::lock_guard lock(mutex_);
    std::swap(receiver, receiver_);
  }

  /// Nobody gets a permit any more. Those who have one may still send.
  void close() noexcept {
    permits_.close();
    closing_.dismiss_all();
  }

  /// The receiver goes, and all messages with it.
  void leave() noexcept {
    close();
    MessageRow<T> rest;  // Destroyed while the mutex is free, like the waker.
    Waker receiver = Waker::noop();
    {
      const std::lock_guard lock(mutex_);
      is_gone_ = true;
      std::swap(receiver, receiver_);
      rest.swap(inbox_);
    }
    release(rest.size() + batch_.size());
    while (!batch_.empty()) (void)batch_.pop();
  }

 private:
  bool push(T& message, std::unique_lock<std::mutex> lock) {
    inbox_.push(message);
    Waker receiver = std::exchange(receiver_, Waker::noop());
    lock.unlock();
    std::move(receiver).wake();
    return true;
  }

  // [refill]
  /// Fills the batch, which is empty. True when there is an answer: a message, or the end. Else the
  /// waker, if there is one, will be woken.
  bool refill(const Waker* waker) noexcept {
    Waker previous = Waker::noop();  // Dropped, while the mutex is free.
    const std::lock_guard lock(mutex_);
    if (!inbox_.empty()) {
      batch_.swap(inbox_);
      return true;
    }
    if (is_at_end()) return true;
    if (waker != nullptr && !receiver_.will_wake(*waker)) {
      previous = std::exchange(receiver_, waker->clone());
    }
    return false;
  }
  // [/refill]

  NARA_GIVES_ANY T take() noexcept {
    T message = batch_.pop();
    release(1);
    return message;
  }

  /// Takes what is in the batch, but not more than `most`, and says how many these were.
  std::size_t take_some(std::vector<T>& target, std::size_t most) {
    const std::size_t count = std::min(most, batch_.size());
    const std::size_t needed = target.size() + count;
    // First of all, so that nothing can throw once a message has left the batch.
    if (needed > target.capacity()) target.reserve(std::max(needed, 2 * target.capacity()));
    for (std::size_t i = 0; i < count; ++i) target.push_back(batch_.pop());
    release(count);
    return count;
  }

  void release(std::size_t count) noexcept {
    if (capacity_ != kUnbounded) permits_.release(count);
  }

  /// True when no permit is out: no message is there, and nobody is about to send one.
  bool is_idle() const noexcept { return permits_.available() == capacity_; }

  /// True when nothing will come any more. With `mutex_` held, and both rows empty.
  bool is_at_end() const noexcept {
    // Acquire: pairs with remove_sender().
    return senders_.load(std::memory_order_acquire) == 0 || (is_closed() && is_idle());
  }

  void wake_receiver() noexcept {
    Waker receiver = Waker::noop();
    {
      const std::lock_guard lock(mutex_);
      std::swap(receiver, receiver_);
    }
    std::move(receiver).wake();
  }

  const std::size_t capacity_;
  Permits permits_;
  Permits closing_{0};
  std::atomic<std::size_t> senders_ = 0;
  std::atomic<std::size_t> weak_senders_ = 0;

  mutable std::mutex mutex_;
  MessageRow<T> inbox_;             ///< Guarded by `mutex_`.
  Waker receiver_ = Waker::noop();  ///< Guarded by `mutex_`.
  bool is_gone_ = false;            ///< There is no receiver. Guarded by `mutex_`.

  /// The receiver's alone. Away from what the senders write: else each put would make the receiver
  /// fetch it again.
  alignas(64) MessageRow<T> batch_;
};

}  // namespace nara::inline NARA_BUILD::detail
