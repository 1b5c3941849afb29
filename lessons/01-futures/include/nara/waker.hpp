// The telephone number that a future is handed: whoever calls it, gets the future polled again.
#pragma once

#include <utility>

namespace nara::inline NARA_BUILD {

/// How one kind of waker does its four things. `data` is the pointer that the `Waker` was made
/// with. All four may be called from any thread, and none may throw. Mirrors
/// `std::task::RawWakerVTable`.
// [vtable]
struct WakerVTable {
  void (*clone)(void* data) noexcept;        ///< One more waker with this data exists.
  void (*wake)(void* data) noexcept;         ///< Wake, and one waker fewer exists.
  void (*wake_by_ref)(void* data) noexcept;  ///< Wake. The waker stays.
  void (*drop)(void* data) noexcept;         ///< One waker fewer exists.
};
// [/vtable]

/// Asks for a future to be polled again.
///
/// This is an interface made of two pointers: *whom* to wake, and *how*. It does not know tasks,
/// executors or threads; those answer it. Waking twice before the next poll is the same as waking
/// once, and waking a future that is already gone does nothing.
///
/// A waker can be moved but not copied: a copy is another reference to keep count of, so it has to
/// be asked for with `clone()`. A moved-from waker is a `noop()`.
///
/// Thread safety: wakers may be cloned, woken and destroyed on any thread; one waker object, like
/// any object, by one thread at a time. Mirrors `std::task::Waker`.
class Waker {
 public:
  /// A waker that does nothing when woken.
  static Waker noop() noexcept { return Waker(nullptr, kNoop); }

  /// A waker that hands `data` to the functions of `vtable`, which has to outlive it. It takes over
  /// one reference to `data`, and gives it back through `wake` or `drop`.
  Waker(void* data, const WakerVTable& vtable) noexcept : data_(data), vtable_(&vtable) {}

  Waker(Waker&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), vtable_(std::exchange(other.vtable_, &kNoop)) {}

  Waker& operator=(Waker&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(vtable_, other.vtable_);
    return *this;
  }

  ~Waker() {
    if (vtable_ != &kNoop) vtable_->drop(data_);
  }

  /// Another waker for the same future.
  Waker clone() const noexcept {
    vtable_->clone(data_);
    return Waker(data_, *vtable_);
  }

  /// Makes this a clone of `other`, unless it wakes the same future already: then it costs nothing.
  /// This is how a future stores its waker on every pending poll.
  void clone_from(const Waker& other) noexcept {
    if (!will_wake(other)) *this = other.clone();
  }

  /// True when both are sure to wake the same future. (False proves nothing.)
  bool will_wake(const Waker& other) const noexcept {
    return data_ == other.data_ && vtable_ == other.vtable_;
  }

  /// Wakes and gives the waker up: `std::move(waker).wake()`. Cheaper than `wake_by_ref` and a
  /// destructor, because the reference is handed over instead of being counted.
  void wake() && noexcept { std::exchange(vtable_, &kNoop)->wake(std::exchange(data_, nullptr)); }

  /// Wakes and keeps the waker.
  void wake_by_ref() const noexcept { vtable_->wake_by_ref(data_); }

 private:
  static const WakerVTable kNoop;

  void* data_;
  const WakerVTable* vtable_;
};

}  // namespace nara::inline NARA_BUILD
