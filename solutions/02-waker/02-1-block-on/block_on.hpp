// The smallest executor: it runs one future on the thread that calls block_on(), and sleeps in
// between.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <nara/future.hpp>
#include <type_traits>
#include <utility>

/// A place where one thread sleeps until another one calls it.
///
/// The thread and all its wakers share it. Each has a reference, and the last to go deletes it:
/// a waker may be kept for longer than `block_on()` runs. (One test puts a mutex and a condition
/// variable of its own in the place of the usual ones, to see what happens at them. A
/// `std::unique_lock lock(mutex_);` locks either.)
template <class Mutex, class Condition>
class BasicParker {
 public:
  /// Sleeps until somebody unparks it. If that has happened since the last `park()`, returns at
  /// once.
  void park() {
    // BEGIN SOLUTION
    // STARTER: nara::todo("02-1: park() sleeps until it has been unparked, and uses that up");
    std::unique_lock lock(mutex_);
    unparked_.wait(lock, [this] { return is_unparked_; });
    is_unparked_ = false;
    // END SOLUTION
  }

  /// Ends the `park()` that is going on, or else the next one. Any thread.
  void unpark() {
    // BEGIN SOLUTION
    // STARTER: nara::todo("02-1: unpark() leaves a note, and rouses the thread that sleeps");
    const std::lock_guard lock(mutex_);
    is_unparked_ = true;
    unparked_.notify_one();
    // END SOLUTION
  }
  // BEGIN SOLUTION

  void add_reference() { ++references_; }

  void drop_reference() {
    if (--references_ == 0) delete this;
  }
  // END SOLUTION

 private:
  Mutex mutex_;
  Condition unparked_;
  // BEGIN SOLUTION
  // STARTER: // What else does it have to remember?
  bool is_unparked_ = false;         // Guarded by the mutex. Set by unpark(), used up by park().
  std::atomic<int> references_ = 1;  // The first is that of whoever makes it.
  // END SOLUTION
};

using Parker = BasicParker<std::mutex, std::condition_variable>;

/// What a waker of `block_on()` does. `data` is its `Parker`.
inline constexpr nara::WakerVTable kUnpark{
    // BEGIN SOLUTION
    // STARTER: .clone = [](void* data) noexcept { nara::todo("02-1: clone: one more waker"); },
    // STARTER: .wake = [](void* data) noexcept { nara::todo("02-1: wake: unpark, one waker fewer"); },
    // STARTER: .wake_by_ref = [](void* data) noexcept { nara::todo("02-1: wake_by_ref: unpark"); },
    // STARTER: .drop = [](void* data) noexcept { nara::todo("02-1: drop: one waker fewer"); },
    .clone = [](void* data) noexcept { static_cast<Parker*>(data)->add_reference(); },
    .wake =
        [](void* data) noexcept {
          static_cast<Parker*>(data)->unpark();
          static_cast<Parker*>(data)->drop_reference();
        },
    .wake_by_ref = [](void* data) noexcept { static_cast<Parker*>(data)->unpark(); },
    .drop = [](void* data) noexcept { static_cast<Parker*>(data)->drop_reference(); },
    // END SOLUTION
};

/// Given. What a ready answer holds. Works for `void`, too.
template <class T>
T value_of(nara::Poll<T> answer) {
  if constexpr (!std::is_void_v<T>) return std::move(answer).value();
}

/// Runs `future` until it is ready, and returns its value or throws what it threw.
template <nara::Future F>
nara::OutputOf<F> block_on(F future) {
  // BEGIN SOLUTION
  // STARTER: nara::todo("02-1: block_on polls, parks until it is woken, and polls again");
  auto* const parker = new Parker();
  const nara::Waker waker(parker, kUnpark);  // It takes the first reference over.
  while (true) {
    nara::Context context(waker);
    nara::Poll<nara::OutputOf<F>> answer = future.poll(context);
    if (answer.is_ready()) return value_of(std::move(answer));
    parker->park();
  }
  // END SOLUTION
}
