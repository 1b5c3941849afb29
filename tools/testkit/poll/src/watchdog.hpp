// Ends a test that takes too long, from a thread of its own, so that it also ends one that spins.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace nara::test {

/// Calls `bark` on another thread unless it is destroyed within `limit`.
class Watchdog {
 public:
  Watchdog(std::chrono::duration<double> limit, std::function<void()> bark)
      : thread_([this, limit, bark = std::move(bark)](std::stop_token stop) {
          std::unique_lock lock(mutex_);
          if (!wake_.wait_for(lock, stop, limit, [&] { return stop.stop_requested(); })) bark();
        }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace nara::test
