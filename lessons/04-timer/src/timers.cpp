// From deadlines to ticks, and from ticks to wakers.
#include <algorithm>
#include <nara/misuse.hpp>
#include <nara/time/timers.hpp>
#include <nara/wake_list.hpp>
#include <string>
#include <utility>

namespace nara::inline NARA_BUILD::time {

using State = Sleeper::State;
using std::chrono::milliseconds;

Timers& Timers::current(const char* what) {
  auto* const timers = static_cast<Timers*>(Current::service(kTimerService, what));
  if (timers != nullptr) return *timers;
  throw Misuse(std::string(what) +
               " needs a runtime that has a clock: build it with enable_time()");
}

// [ticks]
std::uint64_t Timers::tick_after(Instant deadline) const noexcept {
  return static_cast<std::uint64_t>(
      std::chrono::ceil<milliseconds>(since(start_, deadline)).count());
}

std::uint64_t Timers::tick_now() const noexcept {
  return static_cast<std::uint64_t>(
      std::chrono::floor<milliseconds>(clock_.now() - start_).count());
}
// [/ticks]

// [wait]
bool Timers::wait(Sleeper& sleeper, Instant deadline, const Waker& waker) noexcept {
  Waker previous = Waker::noop();  // Goes when the lock is free: what it drops may be anything.
  const std::lock_guard lock(mutex_);
  if (sleeper.state() == State::kIdle) {
    sleeper.when = tick_after(deadline);
    if (!insert(sleeper)) return true;
  } else if (sleeper.state() != State::kWaiting) {
    return true;
  }
  if (!sleeper.waker_.will_wake(waker)) previous = std::exchange(sleeper.waker_, waker.clone());
  return false;
}
// [/wait]

// [insert]
/// False when its time has come already, or the driver is gone.
bool Timers::insert(Sleeper& sleeper) noexcept {
  if (below_ == nullptr) {
    sleeper.state_.store(State::kShutdown, std::memory_order_release);
    return false;
  }
  if (!wheel_.insert(sleeper)) {
    sleeper.state_.store(State::kElapsed, std::memory_order_release);
    return false;
  }
  sleeper.state_.store(State::kWaiting, std::memory_order_relaxed);
  if (sleeper.when < sleeps_until_) {
    sleeps_until_ = 0;  // One call is enough.
    below_->unpark();
  }
  return true;
}
// [/insert]

void Timers::cancel(Sleeper& sleeper) noexcept {
  Waker previous = Waker::noop();
  const std::lock_guard lock(mutex_);
  if (sleeper.state() == State::kWaiting) wheel_.remove(sleeper);
  previous = std::exchange(sleeper.waker_, Waker::noop());
  sleeper.state_.store(State::kIdle, std::memory_order_relaxed);
}

void Timers::reset(Sleeper& sleeper, Instant deadline) noexcept {
  Waker waker = Waker::noop();
  {
    const std::lock_guard lock(mutex_);
    const bool was_waiting = sleeper.state() == State::kWaiting;
    if (was_waiting) wheel_.remove(sleeper);
    sleeper.state_.store(State::kIdle, std::memory_order_relaxed);
    if (!was_waiting) return;
    sleeper.when = tick_after(deadline);
    if (insert(sleeper)) return;
    waker = std::exchange(sleeper.waker_, Waker::noop());
  }
  std::move(waker).wake();
}

/// Takes the waker. Afterwards the sleeper may be gone at any time.
Waker Timers::elapse(Sleeper& sleeper, State state) noexcept {
  Waker waker = std::exchange(sleeper.waker_, Waker::noop());
  sleeper.state_.store(state, std::memory_order_release);
  return waker;
}

// [wake]
bool Timers::wake_elapsed() noexcept {
  std::unique_lock lock(mutex_);
  sleeps_until_ = 0;
  return wake_until(tick_now(), State::kElapsed, std::move(lock));
}

/// True when there was anybody to wake.
bool Timers::wake_until(std::uint64_t tick, State state, std::unique_lock<std::mutex> lock) {
  bool had_any = false;
  WakeList wakers;
  while (detail::Alarm* alarm = wheel_.expire(tick)) {
    had_any = true;
    is_waking_.store(true, std::memory_order_relaxed);
    wakers.push(elapse(static_cast<Sleeper&>(*alarm), state));
    if (wakers.is_full()) wakers.wake_all(lock);
  }
  lock.unlock();
  wakers.wake_all();
  // Release: pairs with has_sleepers(). Who finds it cleared finds the tasks woken.
  if (had_any) is_waking_.store(false, std::memory_order_release);
  return had_any;
}
// [/wake]

// [next]
/// The driver is going to sleep: until when at the latest, on the machine's clock?
Park::Deadline Timers::next_alarm() noexcept {
  const std::lock_guard lock(mutex_);
  const std::optional<std::uint64_t> next = wheel_.next();
  sleeps_until_ = next.value_or(UINT64_MAX);
  if (!next) return std::nullopt;
  return clock_.on_machine(start_ + milliseconds(*next));
}
// [/next]

// [skip]
/// The clock stands still, and nothing is left to do now: moves it to the next alarm, and wakes who
/// slept. False when nobody sleeps.
bool Timers::skip_to_next() {
  do {
    std::unique_lock lock(mutex_);
    const std::optional<std::uint64_t> next = wheel_.next();
    if (!next) {
      sleeps_until_ = UINT64_MAX;  // The driver is going to sleep: whoever comes has to wake it.
      return false;
    }
    lock.unlock();
    if (!clock_.skip_to(start_ + milliseconds(*next))) return true;  // It runs again.
  } while (!wake_elapsed());  // Some had only to be sorted more finely.
  return true;
}
// [/skip]

void Timers::resume() {
  clock_.resume();
  const std::lock_guard lock(mutex_);
  if (below_ != nullptr) below_->unpark();
}

bool Timers::has_sleepers() const noexcept {
  const std::lock_guard lock(mutex_);
  return !wheel_.empty() || is_waking_.load(std::memory_order_acquire);
}

void Timers::shut_down() noexcept {
  std::unique_lock lock(mutex_);
  below_ = nullptr;
  wake_until(UINT64_MAX, State::kShutdown, std::move(lock));
}

}  // namespace nara::inline NARA_BUILD::time
