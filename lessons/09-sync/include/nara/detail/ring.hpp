// The values of a broadcast channel, each of which is kept until all receivers have seen it, or
// there is no room for it any more.
//
//   position   …  12   13   14   15   16   17   18            A value with position p stands in
//               ┌────┬────┬────┬────┬────┬────┬────┐          slot p mod 8, in place of the one
//               │    │ A  │ B  │ C  │ D  │ E  │    │ …        with position p - 8.
//               └────┴────┴────┴────┴────┴────┴────┘
//                  ▲    ▲              ▲         ▲
//                  │    │              │         end: the next value comes here
//                  │    │              next of receiver 2: it has still to see D and E
//                  │    next of receiver 1: it has still to see all of them
//                  seen by everybody: the slot is empty
//
// A receiver whose `next` is less than `end - 8` has been overtaken: what it should see next is
// overwritten. It is told how many it has missed, and goes on with the oldest that is there.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <nara/detail/ends.hpp>
#include <nara/misuse.hpp>
#include <ranges>
#include <utility>
#include <vector>

namespace nara::inline NARA_BUILD::detail {

/// Shared by the handles of a broadcast channel. Any thread. What is under its mutex are pointers
/// and numbers: no value is copied or destroyed there.
template <class T>
class Ring : public Ends {
 public:
  using Value = std::shared_ptr<const T>;

  /// Counts values, from the first one on.
  using Position = std::uint64_t;

  /// Why there is no value to take.
  struct Nothing {
    bool is_closed;
    Position missed;  ///< If not 0, there are values, but so many before them are lost.
  };

  /// Throws `Misuse` for a capacity that cannot be.
  explicit Ring(std::size_t capacity) : slots_(std::bit_ceil(checked(capacity))) {}

  /// Returns how many receivers are going to see it. If there are none, it was not sent.
  std::size_t send(const Value& value) {
    Value overwritten = value;
    std::size_t receivers = 0;
    {
      const std::lock_guard lock(mutex_);
      if (receivers_ == 0) return 0;
      receivers = receivers_;
      Slot& slot = slot_at(end_++);
      slot.value.swap(overwritten);
      slot.unseen = receivers;
    }
    changes().dismiss_all();
    return receivers;
  }

  /// What comes next for a receiver, which goes on then.
  std::expected<Value, Nothing> take(Position& next) {
    const std::lock_guard lock(mutex_);
    if (next == end_) return std::unexpected(Nothing{senders_ == 0, 0});
    if (next < oldest()) {
      const Position missed = oldest() - std::exchange(next, oldest());
      return std::unexpected(Nothing{false, missed});
    }
    return see(next++);
  }

  /// True when `take()` has something to say.
  bool has_news(Position next) const {
    const std::lock_guard lock(mutex_);
    return next != end_ || senders_ == 0;
  }

  /// How many values were sent that a receiver has not taken.
  std::size_t behind(Position next) const {
    const std::lock_guard lock(mutex_);
    return end_ - next;
  }

  /// How many values there are that somebody has still to see.
  std::size_t unseen() const {
    const std::lock_guard lock(mutex_);
    // Each receiver sees them in order: those that everybody has seen come first.
    const auto positions = std::views::iota(oldest(), end_);
    const auto first = std::ranges::partition_point(
        positions, [this](Position position) { return slot_at(position).value == nullptr; });
    return static_cast<std::size_t>(positions.end() - first);
  }

  /// A new receiver sees what is sent from now on: it begins with the position that is returned.
  Position add_receiver() noexcept {
    const std::lock_guard lock(mutex_);
    ++receivers_;
    return end_;
  }

  /// What is still there for a receiver that goes, it does not have to see any more.
  void remove_receiver(Position next) noexcept {
    std::unique_lock lock(mutex_);
    const bool was_last = --receivers_ == 0;
    const Position end = end_;  // It does not count for those that are sent from now on.
    for (next = std::max(next, oldest()); next < end; next = std::max(next + 1, oldest())) {
      Value seen = see(next);
      lock.unlock();
      seen.reset();
      lock.lock();
    }
    lock.unlock();
    if (was_last) leaving().dismiss_all();
  }

 private:
  struct Slot {
    Value value;             ///< Null when nobody has to see it any more.
    std::size_t unseen = 0;  ///< How many receivers have to.
  };

  static std::size_t checked(std::size_t capacity) {
    if (capacity != 0 && capacity <= SIZE_MAX / 2) return capacity;
    throw Misuse(
        "a broadcast channel needs a capacity of at least 1, and of at most SIZE_MAX / 2: say how "
        "many values a slow receiver may be behind");
  }

  Slot& slot_at(Position position) noexcept { return slots_[position & (slots_.size() - 1)]; }
  const Slot& slot_at(Position position) const noexcept {
    return slots_[position & (slots_.size() - 1)];
  }

  /// The position of the oldest value that was not overwritten.
  Position oldest() const noexcept { return end_ - std::min<Position>(end_, slots_.size()); }

  /// One receiver fewer has to see it. The last one takes it out.
  Value see(Position position) noexcept {
    Slot& slot = slot_at(position);
    return --slot.unseen == 0 ? std::move(slot.value) : slot.value;
  }

  std::vector<Slot> slots_;  ///< A power of two.
  Position end_ = 0;         ///< How many were sent.
};

}  // namespace nara::inline NARA_BUILD::detail
