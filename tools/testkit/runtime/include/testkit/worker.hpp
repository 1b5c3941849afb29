// An executor that runs while the test does something else.
#pragma once

#include <nara/current_thread.hpp>
#include <nara/future.hpp>
#include <nara/join_handle.hpp>
#include <thread>

namespace nara::test {

/// Runs an executor on a thread of its own for as long as it lives.
class Worker {
 public:
  Worker() = default;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() {
    end_.abort();
    thread_.join();
  }

  CurrentThread& executor() noexcept { return executor_; }

 private:
  CurrentThread executor_;
  JoinHandle<void> until_ = executor_.spawn(pending());
  AbortHandle end_ = until_.abort_handle();
  std::thread thread_{[this] { (void)executor_.block_on(until_); }};
};

}  // namespace nara::test
