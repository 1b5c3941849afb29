// Senders on several threads, some of which are cancelled, while the receiver is closed at some
// time. Meant for ThreadSanitizer.
#include <doctest/doctest.h>

#include <atomic>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/select.hpp>
#include <nara/sync/mpsc.hpp>
#include <nara/sync/oneshot.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <testkit/random.hpp>
#include <thread>
#include <utility>
#include <vector>

namespace mpsc = nara::sync::mpsc;
namespace oneshot = nara::sync::oneshot;
using nara::Async;
using nara::test::below;
using nara::test::for_each_seed;
using nara::test::Random;
using nara::test::seconds_for_seeds;

namespace {

constexpr int kRounds = 100;
constexpr int kSenders = 3;
constexpr int kMessages = 60;

/// What the senders have done, all together.
struct Tally {
  std::atomic<int> sent = 0;
  std::atomic<int> destroyed = 0;
};

/// A message that is counted when it is destroyed.
class Counted {
 public:
  explicit Counted(Tally& tally, int number) : tally_(&tally), number_(number) {}
  Counted(Counted&& other) noexcept
      : tally_(std::exchange(other.tally_, nullptr)), number_(other.number_) {}
  Counted& operator=(Counted&&) = delete;
  ~Counted() {
    if (tally_ != nullptr) ++tally_->destroyed;
  }

  int number() const noexcept { return number_; }

 private:
  Tally* tally_;
  int number_;
};

/// Sends in all ways that there are, and gives up now and then.
Async<> send_some(mpsc::Sender<Counted> sender, Tally& tally, unsigned seed) {
  Random random(seed);
  for (int i = 0; i < kMessages; ++i) {
    switch (below(random, 4)) {
      case 0: {
        const auto sent = co_await sender.send(Counted(tally, i));
        if (sent.has_value()) ++tally.sent;
        break;
      }
      case 1: {
        auto permit = co_await sender.reserve();
        if (permit.has_value() && below(random, 3) != 0) {
          std::move(*permit).send(Counted(tally, i));
          ++tally.sent;
        }
        break;
      }
      case 2: {
        auto batch = co_await sender.reserve_many(2);
        if (batch.has_value()) {
          batch->send(Counted(tally, i));
          ++tally.sent;
        }
        break;
      }
      default: {
        auto send = sender.send(Counted(tally, i));
        const auto first = co_await nara::select_biased(send, nara::yield_now());
        if (first.index() == 0 && std::get<0>(first).has_value()) ++tally.sent;
      }
    }
  }
}

/// Receives all, and closes the channel at some time. What comes from one sender is in its order.
Async<int> receive(mpsc::Receiver<Counted> receiver, int close_after) {
  int received = 0;
  for (;;) {
    const auto message = co_await receiver.recv();
    if (!message) break;
    if (++received == close_after) receiver.close();
  }
  CHECK(receiver.is_empty());
  CHECK(receiver.capacity() == receiver.max_capacity());
  co_return received;
}

}  // namespace

TEST_CASE("stress: each message that was sent is received, or destroyed with the channel" *
          doctest::timeout(seconds_for_seeds(kRounds))) {
  for_each_seed(kRounds, [](unsigned seed) {
    Random random(seed);
    Tally tally;
    auto [sender, receiver] = mpsc::channel<Counted>(2 + below(random, 4));
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < kSenders; ++i) {
      threads.emplace_back([&tally, seed, i, mine = sender.clone()]() mutable {
        nara::block_on(send_some(std::move(mine), tally, 100 * seed + i));
      });
    }
    {
      const auto gone = std::move(sender);
    }
    const int close_after = below(random, 2) == 0 ? below(random, kMessages) : -1;
    const int received = nara::block_on(receive(std::move(receiver), close_after));
    for (std::thread& thread : threads) thread.join();
    CHECK(received == tally.sent);
    CHECK(tally.destroyed >= received);
  });
}

TEST_CASE("stress: a receiver that goes while others send takes all messages with it" *
          doctest::timeout(seconds_for_seeds(kRounds))) {
  for_each_seed(kRounds, [](unsigned seed) {
    Random random(seed);
    Tally tally;
    std::atomic<int> made = 0;
    auto [sender, receiver] = mpsc::unbounded_channel<Counted>();
    std::vector<std::thread> threads;
    for (int i = 0; i < kSenders; ++i) {
      threads.emplace_back([&tally, &made, mine = sender.clone()]() mutable {
        for (int number = 0;; ++number) {
          ++made;
          if (!mine.send(Counted(tally, number)).has_value()) return;
        }
      });
    }
    std::optional going(std::move(receiver));
    for (int i = below(random, kMessages); i > 0; --i) {
      if (!going->try_recv().has_value()) std::this_thread::yield();
    }
    going.reset();
    for (std::thread& thread : threads) thread.join();
    CHECK(tally.destroyed == made);
  });
}

TEST_CASE("stress: an answer arrives, or its sender knows that it will not" *
          doctest::timeout(seconds_for_seeds(kRounds))) {
  for_each_seed(kRounds, [](unsigned seed) {
    Random random(seed);
    Tally tally;
    auto [sender, receiver] = oneshot::channel<Counted>();
    const bool sends = below(random, 4) != 0;
    const bool waits = below(random, 2) == 0;
    std::thread thread([&tally, sends, mine = std::optional(std::move(sender))]() mutable {
      if (sends) (void)std::move(*mine).send(Counted(tally, 1));
      mine.reset();
    });
    {
      auto mine = std::move(receiver);
      if (waits) {
        const auto answer = nara::block_on(std::move(mine));
        CHECK(answer.has_value() == sends);
      }
    }
    thread.join();
    CHECK(tally.destroyed == (sends ? 1 : 0));
  });
}
