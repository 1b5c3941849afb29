// A hierarchical timing wheel: alarms sorted by when they ring, but only as finely as is needed
// now.
//
//   level 5   64 slots of 2^30 ticks each (12 days)      each slot a list of alarms
//   …
//   level 1   64 slots of 64 ticks
//   level 0   64 slots of 1 tick                         ┌──┬──┬──┬──┬──┬──┬──┬──┐
//                                                        │  │A │  │  │BC│  │  │  │ …
//                                                        └──┴──┴──┴──┴──┴──┴──┴──┘
//                                                          ▲ now
//
// A time in ticks is a number with six digits of six bits each. An alarm stands at the level of the
// highest digit in which its time differs from now: hours do not have to be sorted by milliseconds
// yet. When now comes to that digit, the alarms of that slot move down, each to the level where its
// time differs then (they cascade), until they are due.
//
// So to insert is to find the highest different bit; to remove is to unlink; and each alarm moves
// five times at most. Most alarms are cancelled before they ring, and never move at all.
// (Varghese and Lauck, "Hashed and hierarchical timing wheels", 1987.)
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <nara/intrusive_list.hpp>
#include <optional>

namespace nara::inline NARA_BUILD::detail {

/// Something that is to happen at a certain tick. The wheel does not know what.
class Alarm : public ListNode {
 public:
  std::uint64_t when = 0;  ///< In ticks. Constant while it stands in a wheel.
};

/// Alarms, by time. It knows only the time that it is told.
///
/// Thread safety: none.
class Wheel {
 public:
  /// The time up to which all alarms have been taken, in ticks.
  std::uint64_t now() const noexcept { return now_; }

  bool empty() const noexcept {
    return due_.empty() &&
           std::ranges::all_of(levels_, [](const Level& level) { return level.occupied == 0; });
  }

  /// Takes in `alarm`. False when its time has come already: then it stays outside.
  bool insert(Alarm& alarm) noexcept {
    // BEGIN SOLUTION
    // STARTER: return todo("04-layer: insert() puts the alarm into the slot where it belongs");
    if (alarm.when <= now_) return false;
    const Place place = place_of(alarm.when);
    Level& level = levels_[place.level];
    level.slots[place.slot].push_back(alarm);
    level.occupied |= bit(place.slot);
    return true;
    // END SOLUTION
  }

  /// Takes out `alarm`, which was taken in, and has not been given out since.
  void remove(Alarm& alarm) noexcept {
    // BEGIN SOLUTION
    // STARTER: todo("04-layer: remove() takes the alarm out; a slot may be empty after that");
    alarm.unlink();
    const Place place = place_of(alarm.when);  // If it is due: the slot of now, which is empty.
    Level& level = levels_[place.level];
    if (level.slots[place.slot].empty()) level.occupied &= ~bit(place.slot);
    // END SOLUTION
  }

  /// When something is to be done next, in ticks: an alarm rings, or some have to be sorted more
  /// finely. Nothing when it is empty. No alarm rings before that.
  std::optional<std::uint64_t> next() const noexcept {
    if (!due_.empty()) return now_;
    const std::optional<NextSlot> next = next_slot();
    return next ? std::optional(next->at) : std::nullopt;
  }

  /// It is `tick` now. Gives out an alarm whose time has come; null when there is none (any more).
  Alarm* expire(std::uint64_t tick) noexcept {
    // BEGIN SOLUTION
    // STARTER: return todo("04-layer: expire() gives out what is due, and lets the rest cascade");
    while (due_.empty()) {
      const std::optional<NextSlot> next = next_slot();
      if (!next || next->at > tick) {
        now_ = std::max(now_, tick);
        return nullptr;
      }
      now_ = next->at;
      cascade(levels_[next->level], next->slot);
    }
    return due_.pop_front();
    // END SOLUTION
  }

 private:
  static constexpr unsigned kBits = 6;  ///< Of a digit.
  static constexpr std::size_t kLevels = 6;
  static constexpr std::size_t kSlots = 1 << kBits;

  struct Level {
    std::array<IntrusiveList<Alarm>, kSlots> slots;
    std::uint64_t occupied = 0;  ///< A bit for each slot that is not empty.
  };

  struct Place {
    std::size_t level;
    std::size_t slot;
  };

  struct NextSlot {
    std::uint64_t at;
    std::size_t level;
    std::size_t slot;
  };

  static constexpr std::uint64_t bit(std::size_t slot) noexcept { return std::uint64_t{1} << slot; }

  /// The digit of `tick` that belongs to the level.
  static constexpr std::size_t digit(std::uint64_t tick, std::size_t level) noexcept {
    return (tick >> (level * kBits)) % kSlots;
  }

  /// Where an alarm stands until its level's digit of the time is its own.
  Place place_of(std::uint64_t when) const noexcept {
    // BEGIN SOLUTION
    // STARTER: return todo("04-layer: place_of() finds the highest digit in which `when` is not now");
    const std::uint64_t different = when ^ now_;
    const unsigned highest = std::bit_width(different | 1) - 1;
    // What is further away than all levels reach stands in the last, and is sorted anew there.
    const std::size_t level = std::min<std::size_t>(highest / kBits, kLevels - 1);
    return {level, digit(when, level)};
    // END SOLUTION
  }

  // [next_slot]
  /// The next slot to which the time comes. Those of lower levels are always first: they are parts
  /// of the slot that the levels above are in.
  std::optional<NextSlot> next_slot() const noexcept {
    for (std::size_t level = 0; level < kLevels; ++level) {
      const std::uint64_t occupied = levels_[level].occupied;
      if (occupied == 0) continue;
      const std::size_t here = digit(now_, level);
      // The slot that the time is in was emptied when it came there. An alarm in it belongs to the
      // next time around: that slot comes last.
      const int between = std::countr_zero(std::rotr(occupied, static_cast<int>(here) + 1));
      const auto slots = static_cast<std::uint64_t>(between) + 1;
      const std::uint64_t width = std::uint64_t{1} << (level * kBits);
      return NextSlot{(now_ / width + slots) * width, level, (here + slots) % kSlots};
    }
    return std::nullopt;
  }
  // [/next_slot]

  /// The time has come to a slot: its alarms are due, or move down.
  void cascade(Level& level, std::size_t slot) noexcept {
    // BEGIN SOLUTION
    // STARTER: todo("04-layer: cascade() sorts the alarms of a slot anew");
    level.occupied &= ~bit(slot);
    IntrusiveList<Alarm> alarms;  // Some may come back into the same slot.
    alarms.append(level.slots[slot]);
    while (Alarm* alarm = alarms.pop_front()) {
      if (!insert(*alarm)) due_.push_back(*alarm);
    }
    // END SOLUTION
  }

  std::uint64_t now_ = 0;
  std::array<Level, kLevels> levels_;
  IntrusiveList<Alarm> due_;  ///< Their time has come; not given out yet.
};

}  // namespace nara::inline NARA_BUILD::detail
