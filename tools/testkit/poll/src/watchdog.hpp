// Ends a test that takes too long, from a thread of its own, so that it also ends one that spins.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace nara::test {

/// Calls `bark` on a thread of its own when it was armed and not disarmed in time.
class Watchdog {
 public:
  explicit Watchdog(std::function<void()> bark)
      : thread_([this, bark = std::move(bark)] { watch(bark); }) {}

  ~Watchdog() {
    set([this] { is_over_ = true; });
    thread_.join();
  }

  void arm(std::chrono::duration<double> limit) {
    set([this, limit] {
      deadline_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(limit);
    });
  }

  void disarm() {
    set([this] { deadline_.reset(); });
  }

 private:
  using Clock = std::chrono::steady_clock;

  void set(const std::function<void()>& change) {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    changed_.notify_one();
  }

  void watch(const std::function<void()>& bark) {
    std::unique_lock lock(mutex_);
    while (!is_over_) {
      if (!deadline_) {
        changed_.wait(lock);
      } else if (Clock::now() < *deadline_) {
        changed_.wait_until(lock, Clock::time_point(*deadline_));
      } else {
        bark();
        deadline_.reset();
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Clock::time_point> deadline_;  ///< When to bark. None while disarmed.
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace nara::test
