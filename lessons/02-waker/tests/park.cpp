// The parker of a thread, and other parkers in its place.
#include <doctest/doctest.h>

#include <chrono>
#include <nara/current_thread.hpp>
#include <nara/park.hpp>
#include <thread>
#include <vector>

#include "tasks.hpp"

using namespace std::chrono_literals;

using nara::CurrentThread;
using nara::Park;
using nara::ThreadParker;
using nara::test::let_run;
using std::chrono::steady_clock;

TEST_CASE("an unpark before the park is kept for it, once") {
  ThreadParker parker;
  parker.unpark();
  parker.unpark();
  parker.park(std::nullopt);
  parker.park(steady_clock::now());
}

TEST_CASE("a park of no time at all only looks, and uses up an unpark") {
  ThreadParker parker;
  parker.park(Park::kNow);
  parker.unpark();
  parker.park(Park::kNow);
  parker.park(steady_clock::now());
}

TEST_CASE("an unpark from another thread ends a park") {
  ThreadParker parker;
  std::thread other([&] { parker.unpark(); });
  parker.park(std::nullopt);
  other.join();
}

TEST_CASE(
    "an executor sleeps in the parker that it was given, and looks into it while it is busy") {
  struct Recorder final : Park {
    explicit Recorder(std::vector<bool>& looks, nara::Waker& waker) : looks(looks), waker(waker) {}
    bool park(Deadline deadline) override {
      looks.push_back(deadline == kNow);
      // A driver: what has happened outside wakes a task.
      if (!deadline) std::exchange(waker, nara::Waker::noop()).wake();
      return true;
    }
    void unpark() noexcept override {}
    std::vector<bool>& looks;
    nara::Waker& waker;
  };
  std::vector<bool> looks;
  nara::Waker waker = nara::Waker::noop();
  CurrentThread executor(std::make_unique<Recorder>(looks, waker));
  executor.block_on(let_run(61 * 3));
  CHECK(looks == std::vector{true, true, true});
  bool is_open = false;
  executor.block_on(nara::poll_fn([&](nara::Context& context) -> nara::Poll<void> {
    if (std::exchange(is_open, true)) return nara::kReady;
    waker = context.waker().clone();
    return nara::kPending;
  }));
  CHECK(looks.back() == false);
  CHECK(executor.counters().parks == 1);
}
