// Makes tea on your block_on(). Another thread boils the water; this one sleeps, or should.
#include <block_on.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <nara/async.hpp>
#include <thread>

namespace {

using namespace std::chrono_literals;

/// Ready when the water boils, which it does on a thread of its own.
class Kettle {
 public:
  using Output = void;

  nara::Poll<void> poll(nara::Context& context) {
    std::printf("poll %d: ", ++polls_);
    if (polls_ > 1) {
      std::printf("it boils\n");
      return nara::kReady;
    }
    std::printf("the water is cold\n");
    heater_ = std::jthread([waker = context.waker().clone()]() mutable {
      std::this_thread::sleep_for(500ms);
      std::printf("wake\n");
      std::move(waker).wake();
    });
    return nara::kPending;
  }

 private:
  int polls_ = 0;
  std::jthread heater_;
};

nara::Async<const char*> make_tea() {
  co_await Kettle();
  co_return "tea";
}

}  // namespace

int main() {
  const std::clock_t start = std::clock();
  std::printf("We have %s.\n", block_on(make_tea()));
  const bool has_slept = std::clock() - start < CLOCKS_PER_SEC / 5;
  std::printf("Half a second went by; %s\n",
              has_slept ? "this thread slept through it." : "this thread was busy all the time.");
}
