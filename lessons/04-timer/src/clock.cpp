// A clock that can be stopped.
#include <algorithm>
#include <nara/misuse.hpp>
#include <nara/time/clock.hpp>

namespace nara::inline NARA_BUILD::time {

using std::chrono::steady_clock;

Instant Clock::now() const noexcept {
  if (!has_been_paused_.load(std::memory_order_acquire)) return steady_clock::now();
  const std::lock_guard lock(mutex_);
  return is_paused() ? shows_ : steady_clock::now() + ahead_;
}

Instant Clock::on_machine(Instant time) const noexcept {
  if (!has_been_paused_.load(std::memory_order_acquire)) return time;
  const std::lock_guard lock(mutex_);
  return time - ahead_;
}

void Clock::pause() {
  const std::lock_guard lock(mutex_);
  if (is_paused()) throw Misuse("pause(): the clock stands still already");
  shows_ = steady_clock::now() + ahead_;
  is_paused_.store(true, std::memory_order_relaxed);
  has_been_paused_.store(true, std::memory_order_release);
}

void Clock::resume() {
  const std::lock_guard lock(mutex_);
  if (!is_paused()) throw Misuse("resume(): the clock is running: only pause() stops it");
  ahead_ = shows_ - steady_clock::now();
  is_paused_.store(false, std::memory_order_relaxed);
}

void Clock::advance(Duration by) {
  const std::lock_guard lock(mutex_);
  if (!is_paused()) throw Misuse("advance() needs a clock that stands still: call pause() before");
  if (by < Duration(0)) throw Misuse("advance(): time does not go back");
  shows_ = later(shows_, by);
}

bool Clock::skip_to(Instant time) noexcept {
  const std::lock_guard lock(mutex_);
  if (is_paused()) shows_ = std::max(shows_, time);
  return is_paused();
}

}  // namespace nara::inline NARA_BUILD::time
