// Asks a server on another thread, again and again, and sleeps until each answer comes. Until one
// does not come.
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <nara/future.hpp>
#include <thread>
#include <utility>

#include "server.hpp"
#include "watchdog.hpp"

// [bell]
/// Rings when its waker is woken. A thread can sleep beside it.
class Bell {
 public:
  nara::Waker waker() { return nara::Waker(this, kRing); }

  /// Sleeps until the bell rings.
  void wait() {
    std::unique_lock lock(mutex_);
    rings_.wait(lock);
  }

 private:
  static void ring(void* data) noexcept {
    auto* const bell = static_cast<Bell*>(data);
    const std::lock_guard lock(bell->mutex_);
    bell->rings_.notify_one();
  }
  static void nothing(void*) noexcept {}

  static constexpr nara::WakerVTable kRing{
      .clone = nothing, .wake = ring, .wake_by_ref = ring, .drop = nothing};

  std::mutex mutex_;
  std::condition_variable rings_;
};
// [/bell]

// [block_on]
/// Polls the future, and sleeps between two polls.
template <nara::Future F>
nara::OutputOf<F> block_on(F future, Bell& bell) {
  const nara::Waker waker = bell.waker();
  while (true) {
    nara::Context context(waker);
    nara::Poll<nara::OutputOf<F>> answer = future.poll(context);
    if (answer.is_ready()) return std::move(answer).value();
    bell.wait();
  }
}
// [/block_on]

int main() {
  std::atomic<long> answers = 0;
  const Watchdog watchdog(answers, [](long answers) {
    std::printf("answer %ld has not come for half a second\n", answers + 1);
    std::printf("the server has given it, the bell has rung, and the thread sleeps\n");
  });
  Bell bell;
  Server server;  // Goes first, and its thread with it, which may be about to ring.
  while (answers < 1'000'000) answers = block_on(server.ask(), bell);
  std::printf("a million questions, a million answers: this time\n");
}
