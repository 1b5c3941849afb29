// Three futures that wait for signals. Each is short, and right most of the time.
#pragma once

#include <mutex>
#include <nara/future.hpp>
#include <string_view>
#include <utility>

/// Given, and right. It is set once, by any thread, and somebody waits for that.
class Signal {
 public:
  Signal() = default;
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;
  virtual ~Signal() = default;

  /// Has it been set? (Virtual, so that a test can do something right after the look.)
  virtual bool is_set() {
    const std::lock_guard lock(mutex_);
    return is_set_;
  }

  /// From now on, `set()` wakes this waker, and no other: the one before is forgotten.
  void remember(const nara::Waker& waker) {
    const std::lock_guard lock(mutex_);
    waker_.clone_from(waker);
  }

  /// From now on, `set()` wakes nobody.
  void forget() {
    const std::lock_guard lock(mutex_);
    waker_ = nara::Waker::noop();
  }

  /// Sets it, and wakes who is remembered. That uses the waker up.
  void set() {
    nara::Waker waker = nara::Waker::noop();
    {
      const std::lock_guard lock(mutex_);
      is_set_ = true;
      waker = std::exchange(waker_, nara::Waker::noop());
    }
    std::move(waker).wake();
  }

 private:
  std::mutex mutex_;
  bool is_set_ = false;
  nara::Waker waker_ = nara::Waker::noop();
};

/// Waits for one signal, and then for another. (If that was faster, there is nothing more to wait
/// for.)
class WaitForBoth {
 public:
  using Output = void;
  static constexpr std::string_view kWaitsFor = "WaitForBoth";

  WaitForBoth(Signal& first, Signal& second) : first_(first), second_(second) {}

  ~WaitForBoth() {
    first_.forget();
    second_.forget();
  }

  nara::Poll<void> poll(nara::Context& context) {
    if (!first_is_over_) {
      first_.remember(context.waker());
      if (!first_.is_set()) return nara::kPending;
      first_is_over_ = true;
      first_.forget();
    }
    if (!second_.is_set()) return nara::kPending;
    return nara::kReady;
  }

 private:
  Signal& first_;
  Signal& second_;
  bool first_is_over_ = false;
};

/// Waits for a signal. Saves the work of leaving its waker in every poll.
class ThriftyWait {
 public:
  using Output = void;
  static constexpr std::string_view kWaitsFor = "ThriftyWait";

  explicit ThriftyWait(Signal& signal) : signal_(signal) {}

  ~ThriftyWait() { signal_.forget(); }

  nara::Poll<void> poll(nara::Context& context) {
    if (!is_remembered_) {
      signal_.remember(context.waker());
      is_remembered_ = true;
    }
    if (!signal_.is_set()) return nara::kPending;
    return nara::kReady;
  }

 private:
  Signal& signal_;
  bool is_remembered_ = false;
};

/// Waits for a signal. Leaves no waker when there is nothing to wait for.
class HastyWait {
 public:
  using Output = void;
  static constexpr std::string_view kWaitsFor = "HastyWait";

  explicit HastyWait(Signal& signal) : signal_(signal) {}

  ~HastyWait() { signal_.forget(); }

  nara::Poll<void> poll(nara::Context& context) {
    if (signal_.is_set()) return nara::kReady;
    signal_.remember(context.waker());
    return nara::kPending;
  }

 private:
  Signal& signal_;
};
