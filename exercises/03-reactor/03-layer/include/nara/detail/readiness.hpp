// What is known about one descriptor, in one word: what it is ready for, and since which event.
//
//      31        30 … 16        15 … 0
//   ┌──────────┬───────────────┬───────────────┐
//   │ SHUTDOWN │ tick          │ ready         │
//   └──────────┴───────────────┴───────────────┘
//
//   driver     epoll says "readable"      add(readable)    tick + 1, and the bits come
//   task       look() ── read(2) ── EAGAIN ── clear(event)     the bits go, if no tick has come
//
// The kernel says only once that a descriptor has become readable (edge-triggered). So the word
// remembers it until somebody has tried, and has been told EAGAIN. An edge that comes between that
// EAGAIN and the clear() must survive: that is what the tick is for.
#pragma once

#include <atomic>
#include <cstdint>
#include <nara/io/ready.hpp>
#include <nara/todo.hpp>

namespace nara::inline NARA_BUILD::detail {

/// What a look at the word has found.
struct ReadyEvent {
  io::Ready ready;           ///< What of that which was asked for.
  std::uint16_t tick = 0;    ///< How many events there were before, modulo 2^15.
  bool is_shutdown = false;  ///< Nothing will ever come again.

  /// True when there is nothing to try, and nothing to report: it is time to wait.
  bool is_nothing() const noexcept { return ready.is_empty() && !is_shutdown; }
};

/// The readiness of one descriptor. The driver adds to it, those who try and fail take away from
/// it. Each function is one atomic step. Any thread.
class Readiness {
 public:
  /// What is it ready for, of these?
  ReadyEvent look(io::Ready mask) const noexcept {
    return todo("03-layer: look() says what of `mask` is ready, and at which tick");
  }

  /// An event has come.
  void add(io::Ready ready) noexcept {
    todo("03-layer: add() sets bits, and counts the event");
  }

  /// Who has seen `event` has tried, and it was not true any more. Does nothing if another event
  /// has come since. What is closed stays closed.
  void clear(ReadyEvent event) noexcept {
    todo("03-layer: clear() takes away what was seen, unless a newer event has come");
  }

  /// Nothing will ever come again: the driver is gone.
  void shut_down() noexcept {
    update([](Word word) { return word | kShutdown; });
  }

  /// Another descriptor's life begins: nothing is known, and what was seen before is old.
  void begin() noexcept {
    update([](Word word) { return next_tick(word) & kTick; });
  }

 private:
  using Word = std::uint32_t;
  static constexpr Word kReady = 0xFFFF;
  static constexpr Word kOneTick = 0x1'0000;
  static constexpr Word kTick = 0x7FFF'0000;
  static constexpr Word kShutdown = 0x8000'0000;

  static constexpr Word next_tick(Word word) noexcept {
    return (word & ~kTick) | ((word + kOneTick) & kTick);
  }

  /// Release and acquire: who looks sees what came before the event.
  template <class Change>
  void update(Change change) noexcept {
    Word word = word_.load(std::memory_order_relaxed);
    while (!word_.compare_exchange_weak(word, change(word), std::memory_order_acq_rel,
                                        std::memory_order_relaxed)) {
    }
  }

  std::atomic<Word> word_ = 0;
};

}  // namespace nara::inline NARA_BUILD::detail
