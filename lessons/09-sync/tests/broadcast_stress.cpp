// Senders and receivers of a broadcast channel on several threads, that come and go. Meant for
// ThreadSanitizer. NARA_STRESS_ROUNDS=100000 lets it run for long; NARA_STRESS_SEED=7 repeats a
// run.
#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <memory>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/sync/broadcast.hpp>
#include <testkit/random.hpp>
#include <thread>
#include <utility>
#include <vector>

using nara::Async;
using nara::sync::broadcast::Receiver;
using nara::sync::broadcast::Sender;
using nara::test::below;
using nara::test::Random;

namespace {

constexpr int kSenders = 2;
constexpr int kValues = 50;

/// Who has sent it, and which of theirs it is. On the heap: who frees it too early is caught.
using Value = std::shared_ptr<const std::pair<std::size_t, int>>;

void send_all(const Sender<Value>& sender, std::size_t self) {
  for (int number = 0; number < kValues; ++number) {
    (void)sender.send(std::make_shared<const std::pair<std::size_t, int>>(self, number));
  }
}

/// Receives until `limit`, or the end. Returns how many it has got or missed.
Async<int> receive(Receiver<Value> receiver, int limit) {
  std::array<int, kSenders> last{};
  last.fill(-1);
  int count = 0;
  while (count < limit) {
    const auto value = co_await receiver.recv();
    if (value) {
      const auto& [sender, number] = **value;
      CHECK(number > last.at(sender));
      last.at(sender) = number;
      ++count;
    } else if (value.error().is_closed()) {
      break;
    } else {
      count += static_cast<int>(value.error().lagged());
    }
  }
  co_return count;
}

void one_round(unsigned seed) {
  Random random(seed);
  Sender<Value> sender(static_cast<std::size_t>(1 + below(random, 64)));
  std::vector<std::thread> threads;
  // One gets or misses all of them. The other one goes in the middle of it.
  constexpr int kAll = kSenders * kValues;
  for (const int limit : {kAll + 1, below(random, kAll)}) {
    threads.emplace_back([limit, receiver = sender.subscribe()]() mutable {
      const int count = nara::block_on(receive(std::move(receiver), limit));
      CHECK(count >= limit - (limit > kAll ? 1 : 0));
    });
  }
  for (std::size_t self = 0; self < kSenders; ++self) {
    threads.emplace_back([self, sender = sender.clone()] { send_all(sender, self); });
  }
  {
    const Sender<Value> gone = std::move(sender);
  }
  for (std::thread& thread : threads) thread.join();
}

constexpr int kRounds = 200;

}  // namespace

TEST_CASE("each value that is sent on any thread is received or missed, on all the others" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  nara::test::for_each_seed(kRounds, one_round);
}
