// Permits that are taken and given back, and those who wait for some: the wait list that all of
// this lesson is made of.
//
//      Permits                                PermitWaiter       PermitWaiter
//   ┌──────────────────────────────────┐      ┌───────────┐      ┌───────────┐
//   │ word      how many are free,     │      │ wants   5 │      │ wants   1 │    each in the frame
//   │           SOMEBODY_WAITS         │  ┌──►│ misses  2 │◄────►│ misses  1 │    of the task that
//   │ waiters   guarded by a mutex ────┼──┘   │ its waker │      │ its waker │    waits
//   └──────────────────────────────────┘      └───────────┘      └───────────┘
//
//   acquire   nobody waits, and enough are free: one compare-and-swap.
//             Else: takes what is free, and stands at the end of the list for the rest.
//   release   nobody waits: one compare-and-swap.
//             Else: the first is given what it misses, then the next; what is left is free.
//   cancel    leaves the list, and releases what it was given so far.
//
// Nothing is free while somebody waits, so nobody can overtake. And whoever goes away, waiting or
// chosen, passes on what it has, so nothing is lost. That is all there is to fairness and to
// cancelling.
#pragma once

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <nara/context.hpp>
#include <nara/intrusive_list.hpp>
#include <nara/misuse.hpp>
#include <nara/poll.hpp>
#include <nara/wake_list.hpp>
#include <nara/waker.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace nara::inline NARA_BUILD::detail {

class PermitWaiter;
class Held;

/// How many permits there are, and who waits for some. Any thread.
class Permits {
 public:
  /// The most that there can be.
  static constexpr std::size_t kMost = SIZE_MAX >> 2;

  /// With so many that are free. It never has more than `most`: what comes beyond that is lost.
  explicit Permits(std::size_t free, std::size_t most = kMost) noexcept
      : word_(free << kShift), most_(most) {}
  Permits(const Permits&) = delete;
  Permits& operator=(const Permits&) = delete;

  // [try]
  /// Takes `count`, without waiting. False when there are not as many, or they are closed.
  bool try_acquire(std::size_t count) noexcept {
    std::size_t word = word_.load(std::memory_order_relaxed);
    while ((word & kClosed) == 0 && (word >> kShift) >= count) {
      // Acquire: pairs with release(). What was done with the permits before has been done.
      if (word_.compare_exchange_weak(word, word - (count << kShift), std::memory_order_acquire,
                                      std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }
  // [/try]

  // [release]
  /// Gives `count` to those who wait, in their order. What is left is free.
  void release(std::size_t count) noexcept {
    std::size_t word = word_.load(std::memory_order_relaxed);
    while ((word & kSomebodyWaits) == 0) {
      // Release: pairs with the acquire of whoever takes them next.
      if (word_.compare_exchange_weak(word, with_more(word, count), std::memory_order_release,
                                      std::memory_order_relaxed)) {
        return;
      }
    }
    hand_over(count, std::unique_lock(mutex_));
  }
  // [/release]

  /// Gives one to the last of those who wait.
  void release_to_last() noexcept;

  /// Takes away up to `count` that are free, and says how many those were.
  std::size_t forget(std::size_t count) noexcept;

  /// From now on nobody gets any, and those who wait are dismissed.
  void close() noexcept;

  /// Those who wait now stop waiting, without what they wanted.
  void dismiss_all() noexcept;

  /// How many are free.
  std::size_t available() const noexcept { return word_.load(std::memory_order_acquire) >> kShift; }
  bool is_closed() const noexcept { return (word_.load(std::memory_order_acquire) & kClosed) != 0; }

 private:
  friend PermitWaiter;

  // [word]
  /// Set while the list is not empty. Then no permit is free: what comes is handed over. Changed
  /// with `mutex_` held.
  static constexpr std::size_t kSomebodyWaits = 1;

  /// Set once, by `close()`.
  static constexpr std::size_t kClosed = 2;

  /// The bits above count the permits that are free.
  static constexpr int kShift = 2;
  // [/word]

  std::size_t with_more(std::size_t word, std::size_t count) const noexcept {
    const std::size_t free = word >> kShift;
    return word + (std::min(count, most_ - free) << kShift);
  }

  std::size_t take(std::size_t wants) noexcept;
  void hand_over(std::size_t count, std::unique_lock<std::mutex> lock) noexcept;
  void add_free(std::size_t count) noexcept;
  void dismiss_all(std::unique_lock<std::mutex> lock) noexcept;

  std::atomic<std::size_t> word_;
  const std::size_t most_;
  std::atomic<std::uint32_t> dismissals_ = 0;  ///< Changed with `mutex_` held.
  std::mutex mutex_;
  IntrusiveList<PermitWaiter> waiters_;  ///< Guarded by `mutex_`.
};

/// Permits that somebody has. They go back when it is destroyed.
class [[nodiscard]] Held {
 public:
  Held() noexcept = default;
  Held(Permits& permits, std::size_t count) noexcept : permits_(&permits), count_(count) {}
  Held(Held&& other) noexcept
      : permits_(std::exchange(other.permits_, nullptr)), count_(std::exchange(other.count_, 0)) {}
  Held& operator=(Held&& other) noexcept {
    Held taken(std::move(other));
    std::swap(permits_, taken.permits_);
    std::swap(count_, taken.count_);
    return *this;
  }
  ~Held() {
    if (count_ != 0) permits_->release(count_);
  }

  /// False for what was got from permits that are closed, and for what was moved from.
  bool is_held() const noexcept { return permits_ != nullptr; }

  std::size_t count() const noexcept { return count_; }
  Permits* permits() const noexcept { return permits_; }

  /// Takes some of them out. There must be as many.
  Held split(std::size_t count) noexcept {
    assert(count <= count_);
    count_ -= count;
    return {*permits_, count};
  }

  /// Adds those of `other`, which are of the same kind.
  void join(Held&& other) noexcept {
    assert(permits_ == other.permits_);
    count_ += std::exchange(other.count_, 0);
  }

  /// They do not go back.
  void forget() noexcept { count_ = 0; }

 private:
  Permits* permits_ = nullptr;
  std::size_t count_ = 0;
};

/// Somebody who wants permits. Part of the future that is awaited. It may be moved until its first
/// poll.
class PermitWaiter : public ListNode {
 public:
  PermitWaiter(Permits& permits, std::size_t wants) noexcept
      : permits_(&permits),
        misses_(wants),
        wants_(wants),
        // Acquire: pairs with dismiss_all(). If that came before this, then so did whatever was
        // done before it.
        born_(permits.dismissals_.load(std::memory_order_acquire)) {}
  PermitWaiter(PermitWaiter&& other) noexcept
      : permits_(std::exchange(other.permits_, nullptr)),
        misses_(other.wants_),
        wants_(other.wants_),
        born_(other.born_) {
    assert(!other.has_asked_ && "a future was moved after its first poll");
  }
  PermitWaiter& operator=(PermitWaiter&&) = delete;
  ~PermitWaiter() {
    if (permits_ != nullptr && has_asked_) leave();
  }

  /// Ready with what it wanted, or with nothing when it was dismissed. Takes one unit of the budget
  /// when it is ready. Throws `Misuse` after that; `what` says of what.
  // Why always inline, here and in the futures that are often ready at once: what it gives stays in
  // registers then, and locking a free mutex costs a third less.
  [[gnu::always_inline]] Poll<Held> poll(Context& context, std::string_view what) {
    if (permits_ == nullptr) throw_done(what);
    const Answer answer = ask(context.waker());
    if (answer == Answer::kWait) return kPending;
    if (!context.spend()) {
      context.yield();
      return kPending;
    }
    if (answer == Answer::kGo) return Held(*std::exchange(permits_, nullptr), wants_);
    leave();
    permits_ = nullptr;
    return Held();
  }

  /// What it wanted, if that is there now, without waiting; else nothing. Instead of the first
  /// poll.
  Held try_now() noexcept {
    if (!permits_->try_acquire(wants_)) return {};
    return Held(*std::exchange(permits_, nullptr), wants_);
  }

  enum class Answer : std::uint8_t {
    kWait,      ///< `waker` will be woken.
    kGo,        ///< It has all that it wanted.
    kDismissed  ///< It is not going to get more.
  };

  /// The same as `poll()`, without the budget and without an end.
  Answer ask(const Waker& waker) noexcept {
    // Acquire: pairs with hand_over().
    if (has_asked_ && misses_.load(std::memory_order_acquire) == 0) return Answer::kGo;
    if (!has_asked_ && permits_->try_acquire(wants_)) {
      has_asked_ = true;
      misses_.store(0, std::memory_order_relaxed);
      return Answer::kGo;
    }
    if (wants_ == 0) return Answer::kDismissed;  // Who wants none does not wait: they are closed.
    has_asked_ = true;
    return wait(waker);
  }

  /// Throws the `Misuse` of a future that was ready, and is polled again.
  [[noreturn, gnu::cold]] static void throw_done(std::string_view what);

 private:
  friend Permits;

  Answer wait(const Waker& waker) noexcept;
  void leave() noexcept;

  Permits* permits_;                 ///< Null when it is done.
  std::atomic<std::size_t> misses_;  ///< While it is not 0: guarded by the mutex of the permits.
  // Why not beside `permits_`: the compiler would read both at once, and then the processor waits
  // until both are written.
  std::size_t wants_;
  Waker waker_ = Waker::noop();  ///< Guarded by that, like the links.
  std::uint32_t born_;           ///< How many dismissals there were before it.
  bool has_asked_ = false;
};

}  // namespace nara::inline NARA_BUILD::detail
