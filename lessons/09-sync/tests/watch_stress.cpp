// A watch whose ends are on several threads. Meant for ThreadSanitizer. NARA_STRESS_ROUNDS=100000
// lets it run for long; NARA_STRESS_SEED=7 repeats a run.
#include <doctest/doctest.h>

#include <memory>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/sync/watch.hpp>
#include <testkit/random.hpp>
#include <thread>
#include <utility>
#include <vector>

using nara::Async;
using nara::sync::watch::Receiver;
using nara::sync::watch::Sender;
using nara::test::below;
using nara::test::Random;

namespace {

constexpr int kSenders = 2;

/// On the heap: who frees it too early is caught.
using Value = std::shared_ptr<int>;

/// Adds one to the value, so many times.
void count_up(const Sender<Value>& sender, int times) {
  for (int time = 0; time < times; ++time) {
    sender.send_modify([](Value& value) { value = std::make_shared<int>(*value + 1); });
  }
}

/// Follows the value, which only grows, until all senders are gone. Returns the last one.
Async<int> follow(Receiver<Value> receiver) {
  int last = 0;
  for (;;) {
    const auto changed = co_await receiver.changed();
    if (!changed) co_return last;
    const int value = **receiver.borrow_and_update();
    CHECK(value >= last);
    last = value;
  }
}

/// Waits for a value that comes for sure.
Async<int> wait_for(Receiver<Value> receiver, int wanted) {
  const auto found =
      co_await receiver.wait_for([wanted](const Value& value) { return *value >= wanted; });
  co_return found ? ***found : -1;
}

void one_round(unsigned seed) {
  Random random(seed);
  const int times = 1 + below(random, 40);
  Sender<Value> sender(std::make_shared<int>(0));
  std::vector<std::thread> threads;
  threads.emplace_back([times, receiver = sender.subscribe()]() mutable {
    CHECK(nara::block_on(follow(std::move(receiver))) == kSenders * times);
  });
  threads.emplace_back(
      [wanted = below(random, kSenders * times + 1), receiver = sender.subscribe()]() mutable {
        CHECK(nara::block_on(wait_for(std::move(receiver), wanted)) >= wanted);
      });
  for (int count = 0; count < kSenders; ++count) {
    threads.emplace_back([times, sender = sender.clone()] { count_up(sender, times); });
  }
  {
    const Sender<Value> gone = std::move(sender);
  }
  for (std::thread& thread : threads) thread.join();
}

constexpr int kRounds = 200;

}  // namespace

TEST_CASE("who follows a watch on any thread sees the last value, and no modification is lost" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  nara::test::for_each_seed(kRounds, one_round);
}
