// The life of a task in one word. Whoever changes the word owns the step that the change allows;
// nothing else protects the task.
//
//           wake(), abort()                       take() ── poll ── ready, threw, or CANCELLED
//   idle ───────────────────────► SCHEDULED ──────────────────────────────────────► COMPLETE
//    ▲                             │      ▲
//    │      rest(): pending        │      │ pending, but woken meanwhile (NOTIFIED),
//    └─────────────────────────────┘      │ or it has yielded: into the queue again
//                                  └──────┘
//
// A task is born SCHEDULED. From a wake to the poll and back to idle, the word is written twice:
// once by the waker, once by the executor. Taking the task from the queue only reads it.
#pragma once

#include <atomic>
#include <cstdint>

namespace nara::inline NARA_BUILD::detail {

/// The state of a task. Each function is one atomic step, and may be called on any thread unless it
/// says otherwise.
///
/// Every step that writes is a release of what its thread did before, and an acquire of what those
/// before it did: a poll sees everything that happened before each wake that led to it, and who
/// finds COMPLETE sees the output.
class TaskState {
 public:
  using Word = std::uint64_t;

  // [bits]
  // [scheduled]
  /// Set while the task stands in a run queue or is being polled. Who sets it puts the task into
  /// the queue of its scheduler. Who takes it from there owns the future until the bit is cleared.
  static constexpr Word kScheduled = 1u << 0;

  /// Woken while SCHEDULED. Only meaningful together with it: the poller, who cannot know whether
  /// the poll has seen what the wake was about, lets the task have another turn.
  static constexpr Word kNotified = 1u << 1;
  // [/scheduled]

  /// Somebody wants the task to end. It never goes away. The next to own the future destroys it.
  static constexpr Word kCancelled = 1u << 2;

  /// The future is destroyed, and the outcome is in the cell. Never together with SCHEDULED. The
  /// outcome belongs to the join handle, or to nobody when JOIN_INTEREST is not set.
  static constexpr Word kComplete = 1u << 3;

  /// There is a join handle, which holds one reference and will take or destroy the outcome.
  static constexpr Word kJoinInterest = 1u << 4;

  /// The waker of the one who waits for the end is in the cell, and belongs to whoever completes
  /// the task. While the bit is not set, the waker's place belongs to the join handle.
  static constexpr Word kJoinWaker = 1u << 5;

  /// Set with SCHEDULED when the last waker of an idle task has gone: its turn is not for a poll
  /// but for a report that nobody can wake it any more.
  static constexpr Word kForgotten = 1u << 6;

  /// No such report, please: the future waits for nothing (`pending()`), or it has been made.
  static constexpr Word kSilent = 1u << 7;

  /// One reference: the scheduler's, until the task is complete; the join handle's; one for each
  /// abort handle. 24 bits.
  static constexpr Word kReference = Word{1} << 8;

  /// One waker. These are references too, counted apart, because a task that no waker points to
  /// will sleep for ever. 32 bits.
  static constexpr Word kWaker = Word{1} << 32;
  // [/bits]

  /// What the one who has changed the word has to do because of it.
  enum class Duty : std::uint8_t {
    kNothing,
    kSchedule,  ///< Put the task into its scheduler's queue. Until then it cannot go away.
    kFree,      ///< Free the task: this was the last reference.
  };

  /// What the turn of a task is for.
  enum class Turn : std::uint8_t { kPoll, kCancel, kReport };

  /// What is left to do for the one who has completed a task.
  struct Completion {
    bool wake_joiner;      ///< The waker in the cell is the caller's now.
    bool discard_outcome;  ///< Nobody will ever take the outcome.
  };

  /// What becomes of a task after a pending poll.
  enum class Rest : std::uint8_t {
    kIdle,       ///< It waits. It is not the caller's any more.
    kAgain,      ///< It was woken meanwhile: it goes into the queue again.
    kCancelled,  ///< It was aborted meanwhile.
    kForgotten,  ///< No waker is left. It still is the caller's.
  };

  // [wake]
  /// A waker was woken, and stays.
  Duty wake() noexcept {
    const Word before = update(woken);
    return is_idle(before) ? Duty::kSchedule : Duty::kNothing;
  }
  // [/wake]

  /// A waker was woken, and is gone.
  Duty wake_and_drop() noexcept {
    // BEGIN SOLUTION
    // STARTER: return todo("02-layer: wake_and_drop() wakes and takes a waker off, in one step");
    const Word before = update([](Word word) { return woken(word - kWaker); });
    if (is_idle(before)) return Duty::kSchedule;
    return is_unreferenced(before - kWaker) ? Duty::kFree : Duty::kNothing;
    // END SOLUTION
  }

  /// Somebody wants the task to end: it gets a turn to do so.
  Duty abort() noexcept {
    const Word before = update(aborted);
    return is_idle(before) ? Duty::kSchedule : Duty::kNothing;
  }

  /// The executor has taken the task from its queue. What is the turn for?
  // [take]
  Turn take() noexcept {
    // BEGIN SOLUTION
    // STARTER: return todo("02-layer: take() says what the turn is for; it answers all wakes so far");
    // Acquire: pairs with the release of whoever scheduled the task.
    Word word = word_.load(std::memory_order_acquire);
    if ((word & kNotified) != 0) {
      // Woken again while it stood in the queue. The poll that comes now answers that, too.
      word = word_.fetch_and(~kNotified, std::memory_order_acq_rel);
    }
    if ((word & kCancelled) != 0) return Turn::kCancel;
    return (word & kForgotten) != 0 ? Turn::kReport : Turn::kPoll;
    // END SOLUTION
  }
  // [/take]

  /// The poll was pending: the executor lets go of the task, unless something came in between.
  /// With `silent`, a task without wakers is nothing to report.
  // [rest]
  Rest rest(bool silent) noexcept {
    // BEGIN SOLUTION
    // STARTER: return todo("02-layer: rest() lets the task go, unless something came in between");
    Word word = word_.load(std::memory_order_relaxed);
    Word idle = 0;
    do {
      if ((word & kCancelled) != 0) return Rest::kCancelled;
      if ((word & kNotified) != 0) return Rest::kAgain;
      if (!silent && !has_wakers(word)) return Rest::kForgotten;
      idle = word & ~(kScheduled | kForgotten | kSilent);
      if (silent) idle |= kSilent;
    } while (!word_.compare_exchange_weak(word, idle, std::memory_order_acq_rel,
                                          std::memory_order_relaxed));
    return Rest::kIdle;
    // END SOLUTION
  }
  // [/rest]

  /// The future is destroyed, and the outcome in its place: now everybody may know.
  ///
  /// The scheduler's reference goes in the same step, unless something is left to do: then the
  /// caller does that first, and calls `drop_reference()`.
  Completion complete() noexcept {
    // BEGIN SOLUTION
    // STARTER: return todo("02-layer: complete() updates the word, and says what is left to do");
    const Word before = update(completed);
    return {.wake_joiner = (before & kJoinWaker) != 0,
            .discard_outcome = (before & kJoinInterest) == 0};
    // END SOLUTION
  }

  /// One more waker exists.
  void add_waker() noexcept { word_.fetch_add(kWaker, std::memory_order_relaxed); }

  /// A waker is gone. If it was the last of an idle task, that is worth a report.
  Duty drop_waker() noexcept {
    const Word before = update(without_waker);
    const Word now = without_waker(before);
    if (is_unreferenced(now)) return Duty::kFree;
    return is_idle(before) && !is_idle(now) ? Duty::kSchedule : Duty::kNothing;
  }

  /// One more abort handle exists.
  void add_reference() noexcept { word_.fetch_add(kReference, std::memory_order_relaxed); }

  /// The scheduler or a handle is gone.
  Duty drop_reference() noexcept {
    const Word before = word_.fetch_sub(kReference, std::memory_order_acq_rel);
    return is_unreferenced(before - kReference) ? Duty::kFree : Duty::kNothing;
  }

  /// The join handle has put a waker into the cell. False when the task is complete: then nobody
  /// will look for it.
  bool offer_join_waker() noexcept {
    return update_unless_complete([](Word word) { return word | kJoinWaker; });
  }

  /// The join handle wants to look at that waker, or to remove it. False when the task is complete:
  /// then the waker belongs to the one who has completed it.
  bool take_back_join_waker() noexcept {
    return update_unless_complete([](Word word) { return word & ~kJoinWaker; });
  }

  /// The join handle leaves, and its reference with it. False when the task is complete: then the
  /// handle destroys the outcome first, and calls `drop_reference()`.
  bool detach() noexcept {
    return update_unless_complete([](Word word) { return (word & ~kJoinInterest) - kReference; });
  }

  /// True from then on when the outcome may be looked at.
  bool is_complete() const noexcept { return (load() & kComplete) != 0; }

  bool has_join_waker() const noexcept { return (load() & kJoinWaker) != 0; }

  /// True while the future waits for nothing, or is forgotten and that was reported.
  bool is_silent() const noexcept { return (load() & kSilent) != 0; }

  /// How many wakers are out. Already wrong when it is returned, if other threads have some.
  std::uint32_t wakers() const noexcept { return static_cast<std::uint32_t>(load() / kWaker); }

 private:
  // What the word becomes.

  // [woken]
  static constexpr Word woken(Word word) noexcept {
    // BEGIN SOLUTION
    // STARTER: return todo("02-layer: woken() schedules an idle task, and notifies a scheduled one");
    if ((word & kComplete) != 0) return word;
    return (word & kScheduled) != 0 ? word | kNotified : word | kScheduled;
    // END SOLUTION
  }
  // [/woken]

  // [aborted]
  static constexpr Word aborted(Word word) noexcept {
    // BEGIN SOLUTION
    // STARTER: return todo("02-layer: aborted() cancels a task that has not ended, and schedules it");
    return (word & kComplete) != 0 ? word : word | kCancelled | kScheduled;
    // END SOLUTION
  }
  // [/aborted]

  // [completed]
  static constexpr Word completed(Word word) noexcept {
    // BEGIN SOLUTION
    // STARTER: return todo("02-layer: completed() ends the turn and, if nothing is left to do, drops a reference");
    word = (word & ~(kScheduled | kNotified | kForgotten)) | kComplete;
    const bool nothing_left_to_do = (word & (kJoinInterest | kJoinWaker)) == kJoinInterest;
    return nothing_left_to_do ? word - kReference : word;
    // END SOLUTION
  }
  // [/completed]

  static constexpr Word without_waker(Word word) noexcept {
    word -= kWaker;
    const bool is_missed = !has_wakers(word) && is_idle(word) && (word & kSilent) == 0;
    return is_missed ? word | kScheduled | kForgotten : word;
  }

  static constexpr bool is_idle(Word word) noexcept {
    return (word & (kScheduled | kComplete)) == 0;
  }
  static constexpr bool is_unreferenced(Word word) noexcept { return word < kReference; }
  static constexpr bool has_wakers(Word word) noexcept { return word >= kWaker; }

  /// Acquire: pairs with the release of `complete()`.
  Word load() const noexcept { return word_.load(std::memory_order_acquire); }

  // [update]
  /// Changes the word in one step, and returns what it was before.
  ///
  /// Why it writes even when nothing changes: a wake that finds the task notified already must
  /// still hand over what its thread did before, to the poll that is to come.
  template <class Change>
  Word update(Change change) noexcept {
    Word word = word_.load(std::memory_order_relaxed);
    while (!word_.compare_exchange_weak(word, change(word), std::memory_order_acq_rel,
                                        std::memory_order_relaxed)) {
    }
    return word;
  }
  // [/update]

  /// The same, unless the task is complete.
  template <class Change>
  bool update_unless_complete(Change change) noexcept {
    Word word = load();
    do {
      if ((word & kComplete) != 0) return false;
    } while (!word_.compare_exchange_weak(word, change(word), std::memory_order_acq_rel,
                                          std::memory_order_acquire));
    return true;
  }

  // Born scheduled, with two references: the scheduler's and the join handle's.
  std::atomic<Word> word_ = kScheduled | kJoinInterest | 2 * kReference;
};

}  // namespace nara::inline NARA_BUILD::detail
