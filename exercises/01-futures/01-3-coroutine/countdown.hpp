// The countdown again, as a coroutine: what was a member of a class is now a local variable.
#pragma once

#include <functional>
#include <nara/async.hpp>
#include <nara/todo.hpp>
#include <vector>

/// Given. A future that is pending once and asks to be polled again: the others get a turn.
class NextTurn {
 public:
  using Output = void;

  nara::Poll<void> poll(nara::Context& context) noexcept {
    if (was_polled_) return nara::kReady;
    was_polled_ = true;
    context.waker().wake_by_ref();
    return nara::kPending;
  }

 private:
  bool was_polled_ = false;
};

/// Given. `co_await next_turn();` lets the others run and goes on in the next poll.
inline NextTurn next_turn() { return NextTurn(); }

/// Given. Where a rocket stands, and who says the numbers. `say` may throw: then nothing starts.
struct Pad {
  std::function<void(int)> say;
  bool is_armed = false;
};

/// Given. The pad is armed as long as this object exists.
class Arming {
 public:
  explicit Arming(Pad& pad) : pad_(pad) { pad_.is_armed = true; }
  Arming(const Arming&) = delete;
  Arming& operator=(const Arming&) = delete;
  ~Arming() { pad_.is_armed = false; }

 private:
  Pad& pad_;
};

/// Says `from`, in the next turn one less, and so on down to 1. Gives how many numbers it said.
inline nara::Async<int> countdown(Pad& pad, int from) {
  co_return nara::todo("01-3: countdown says a number and waits for the next turn");
}

/// Arms the pad and counts down for each stage, one countdown after the other. However it ends, the
/// pad is not armed afterwards. Gives how many numbers were said in all.
inline nara::Async<int> launch(Pad& pad, std::vector<int> stages) {
  co_return nara::todo("01-3: launch arms the pad and awaits a countdown for each stage");
}
