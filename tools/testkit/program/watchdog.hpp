// Ends a test that takes too long, from a thread of its own, so that it also ends one that spins.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace nara::test {

/// While it is armed, calls `look` now and then on a thread of its own, and `bark` when it was not
/// disarmed in time.
class Watchdog {
 public:
  Watchdog(std::function<void()> look, std::function<void()> bark)
      : look_(std::move(look)), bark_(std::move(bark)), thread_([this] { watch(); }) {}

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

  static constexpr std::chrono::milliseconds kBetweenLooks{20};

  void set(const std::function<void()>& change) {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    changed_.notify_one();
  }

  void watch() {
    std::unique_lock lock(mutex_);
    while (!is_over_) {
      if (!deadline_) {
        changed_.wait(lock);
      } else if (Clock::now() < *deadline_) {
        changed_.wait_until(lock, std::min(*deadline_, Clock::now() + kBetweenLooks));
        if (deadline_) look_();
      } else {
        bark_();
        deadline_.reset();
      }
    }
  }

  const std::function<void()> look_;
  const std::function<void()> bark_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Clock::time_point> deadline_;  ///< When to bark. None while disarmed.
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace nara::test
