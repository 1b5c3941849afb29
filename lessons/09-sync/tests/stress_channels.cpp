// Channels without much room, whose ends are on several threads, give up now and then, and are
// aborted. Meant for ThreadSanitizer. NARA_STRESS_ROUNDS=100000 lets it run for long;
// NARA_STRESS_SEED=7 repeats a run.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <nara/async.hpp>
#include <nara/future.hpp>
#include <nara/select.hpp>
#include <nara/sync/broadcast.hpp>
#include <nara/sync/mpsc.hpp>
#include <nara/sync/oneshot.hpp>
#include <nara/sync/watch.hpp>
#include <optional>
#include <testkit/random.hpp>
#include <testkit/runtime.hpp>
#include <utility>
#include <vector>

#include "crowd.hpp"

namespace broadcast = nara::sync::broadcast;
namespace mpsc = nara::sync::mpsc;
namespace oneshot = nara::sync::oneshot;
namespace watch = nara::sync::watch;
using nara::Async;
using nara::test::below;
using nara::test::let_run;
using nara::test::Random;

namespace {

constexpr int kRounds = 100;

/// A message that knows its sender. None may live on.
class Letter {
 public:
  Letter(std::atomic<int>& alive, int sender, int number)
      : alive_(&alive), sender_(sender), number_(number) {
    ++*alive_;
  }
  Letter(Letter&& other) noexcept
      : alive_(std::exchange(other.alive_, nullptr)),
        sender_(other.sender_),
        number_(other.number_) {}
  Letter& operator=(Letter&&) = delete;
  ~Letter() {
    if (alive_ != nullptr) --*alive_;
  }

  int sender() const noexcept { return sender_; }
  int number() const noexcept { return number_; }

 private:
  std::atomic<int>* alive_;
  int sender_;
  int number_;
};

/// The numbers of those letters of each sender that were sent, or were received.
template <int kSenders>
using Book = std::array<std::vector<int>, static_cast<std::size_t>(kSenders)>;

void stress_mpsc(Crowd& crowd, unsigned seed) {
  constexpr int kSenders = 5;
  constexpr int kLetters = 40;
  std::atomic<int> alive = 0;
  Book<kSenders> sent;
  Book<kSenders> received;
  {
    auto [sender, receiver] = mpsc::channel<Letter>(1 + seed % 2);
    std::vector<mpsc::Sender<Letter>> senders;
    for (int number = 1; number < kSenders; ++number) senders.push_back(sender.clone());
    senders.push_back(std::move(sender));
    const auto body = [&](Random random, int number) -> Async<> {
      if (number == kSenders) {
        for (;;) {
          auto recv = receiver.recv();
          auto first = co_await nara::select_biased(recv, let_run(1 + below(random, 3)));
          if (first.index() == 1) continue;
          const std::optional<Letter> letter = std::get<0>(std::move(first));
          if (!letter) co_return;
          received.at(static_cast<std::size_t>(letter->sender())).push_back(letter->number());
        }
      }
      const auto sender_of = static_cast<std::size_t>(number);
      mpsc::Sender<Letter> mine = std::move(senders.at(sender_of));
      for (int letter = 0; letter < kLetters; ++letter) {
        auto send = mine.send(Letter(alive, number, letter));
        const auto first = co_await nara::select_biased(send, let_run(1 + below(random, 8)));
        if (first.index() == 0) sent.at(sender_of).push_back(letter);
      }
    };
    crowd.run(seed, kSenders + 1, Crowd::Ends::kAll, body);
    CHECK(receiver.capacity() == receiver.max_capacity());
  }
  for (std::size_t number = 0; number < kSenders; ++number) {
    CHECK(received.at(number) == sent.at(number));
  }
  CHECK(alive == 0);
}

/// So many come at once that the receiver uses up its budget in the middle, and is cancelled there.
void stress_unbounded(Crowd& crowd, unsigned seed) {
  constexpr int kSenders = 2;
  constexpr int kLetters = 300;
  std::atomic<int> alive = 0;
  {
    auto [sender, receiver] = mpsc::unbounded_channel<Letter>();
    std::vector<mpsc::UnboundedSender<Letter>> senders;
    senders.push_back(sender.clone());
    senders.push_back(std::move(sender));
    std::array<int, kSenders> next{};
    const auto body = [&](Random random, int number) -> Async<> {
      if (number < kSenders) {
        auto mine = std::move(senders.at(static_cast<std::size_t>(number)));
        for (int letter = 0; letter < kLetters; ++letter) {
          CHECK(mine.send(Letter(alive, number, letter)));
        }
        co_return;
      }
      for (;;) {
        auto recv = receiver.recv();
        auto first = co_await nara::select_biased(recv, let_run(below(random, 3)));
        if (first.index() == 1) continue;
        const std::optional<Letter> letter = std::get<0>(std::move(first));
        if (!letter) break;
        CHECK(letter->number() == next.at(static_cast<std::size_t>(letter->sender()))++);
      }
    };
    crowd.run(seed, kSenders + 1, Crowd::Ends::kAll, body);
    for (const int all : next) CHECK(all == kLetters);
  }
  CHECK(alive == 0);
}

/// Answers to many questions at once, where either side may lose interest.
void stress_oneshot(Crowd& crowd, unsigned seed) {
  constexpr int kPairs = 12;
  std::atomic<int> alive = 0;
  std::atomic<int> sent = 0;
  std::atomic<int> received = 0;
  {
    std::vector<std::optional<oneshot::Sender<Letter>>> senders;
    std::vector<std::optional<oneshot::Receiver<Letter>>> receivers;
    for (int pair = 0; pair < kPairs; ++pair) {
      auto [sender, receiver] = oneshot::channel<Letter>();
      senders.emplace_back(std::move(sender));
      receivers.emplace_back(std::move(receiver));
    }
    const auto ask = [&](Random random, int pair) -> Async<> {
      oneshot::Receiver<Letter> mine =
          *std::exchange(receivers.at(static_cast<std::size_t>(pair)), std::nullopt);
      if (below(random, 3) == 0) {
        (void)co_await nara::select_biased(mine, let_run(below(random, 4)));
        mine.close();
        if (!mine.is_terminated() && mine.try_recv()) ++received;
      } else {
        const auto answer = co_await mine;
        if (answer) ++received;
      }
    };
    const auto reply = [&](Random random, int pair) -> Async<> {
      auto mine = *std::exchange(senders.at(static_cast<std::size_t>(pair)), std::nullopt);
      if (below(random, 4) == 0) co_return;
      if (below(random, 2) == 0) {
        const auto closed = co_await nara::select(mine.closed(), let_run(below(random, 4)));
        if (closed.index() == 0) co_return;
      }
      if (std::move(mine).send(Letter(alive, pair, pair))) ++sent;
    };
    const auto body = [&](Random random, int number) -> Async<> {
      // One beside the other: on different threads.
      if (number % 2 == 0) {
        co_await ask(random, number / 2);
      } else {
        co_await reply(random, number / 2);
      }
    };
    crowd.run(seed, 2 * kPairs, Crowd::Ends::kAll, body);
  }
  CHECK(received <= sent);
  CHECK(alive == 0);
}

/// One sends numbers in their order. So a receiver knows which one comes, after each lag.
void stress_broadcast(Crowd& crowd, unsigned seed) {
  constexpr int kReceivers = 4;
  constexpr std::uint64_t kNumbers = 100;
  std::optional<broadcast::Sender<std::uint64_t>> sender(1 + seed % 2);
  std::vector<broadcast::Receiver<std::uint64_t>> receivers;
  for (int i = 0; i < kReceivers; ++i) receivers.push_back(sender->subscribe());
  const auto body = [&](Random random, int number) -> Async<> {
    if (number == kReceivers) {
      for (std::uint64_t value = 0; value < kNumbers; ++value) {
        (void)sender->send(value);
        if (below(random, 3) == 0) co_await let_run();
      }
      sender.reset();
      co_return;
    }
    auto& receiver = receivers.at(static_cast<std::size_t>(number));
    std::uint64_t next = 0;
    for (;;) {
      auto recv = receiver.recv();
      const auto first = co_await nara::select_biased(recv, let_run(1 + below(random, 3)));
      if (first.index() == 1) continue;
      const auto& value = std::get<0>(first);
      if (value) {
        CHECK(*value == next);
        ++next;
      } else if (value.error().is_lagged()) {
        next += value.error().lagged();
      } else {
        break;
      }
    }
    CHECK(next == kNumbers);
  };
  crowd.run(seed, kReceivers + 1, Crowd::Ends::kAll, body);
}

/// All add to the same value; some follow it. The first one to go gives up its sender.
void stress_watch(Crowd& crowd, unsigned seed) {
  constexpr int kAdders = 3;
  constexpr int kFollowers = 3;
  constexpr int kTimes = 20;
  auto [first_sender, first_receiver] = watch::channel(0);
  std::vector<std::optional<watch::Sender<int>>> senders;
  std::vector<watch::Receiver<int>> receivers;
  for (int i = 0; i < kAdders; ++i) senders.emplace_back(first_sender.clone());
  for (int i = 0; i < kFollowers; ++i) receivers.push_back(first_receiver.clone());
  {
    const auto gone = std::move(first_sender);
  }
  const auto body = [&](Random random, int number) -> Async<> {
    if (number < kAdders) {
      auto& sender = senders.at(static_cast<std::size_t>(number));
      for (int i = 0; i < kTimes; ++i) {
        sender->send_modify([](int& value) { ++value; });
        if (below(random, 3) == 0) co_await let_run();
      }
      sender.reset();
      co_return;
    }
    auto& receiver = receivers.at(static_cast<std::size_t>(number - kAdders));
    int last = 0;
    for (;;) {
      auto changed = receiver.changed();
      const auto first = co_await nara::select_biased(changed, let_run(1 + below(random, 3)));
      if (first.index() == 1 && below(random, 2) == 0) continue;
      const int now = *receiver.borrow_and_update();
      CHECK(now >= last);
      last = now;
      if (first.index() == 0 && !std::get<0>(first)) break;
    }
    CHECK(last == kAdders * kTimes);
  };
  crowd.run(seed, kAdders + kFollowers, Crowd::Ends::kAll, body);
}

}  // namespace

TEST_CASE("mpsc on several threads: each letter that was sent arrives, once, and in order" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  Crowd crowd;
  nara::test::for_each_seed(kRounds, [&](unsigned seed) { stress_mpsc(crowd, seed); });
}

TEST_CASE("mpsc without a limit, on several threads: none is lost when the receiver gives up" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  Crowd crowd;
  nara::test::for_each_seed(kRounds, [&](unsigned seed) { stress_unbounded(crowd, seed); });
}

TEST_CASE("oneshot on several threads: either side may go, and nobody waits for the other" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  Crowd crowd;
  nara::test::for_each_seed(kRounds, [&](unsigned seed) { stress_oneshot(crowd, seed); });
}

TEST_CASE("broadcast on several threads: who is too slow is told exactly what was missed" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  Crowd crowd;
  nara::test::for_each_seed(kRounds, [&](unsigned seed) { stress_broadcast(crowd, seed); });
}

TEST_CASE("watch on several threads: nobody misses the last value" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  Crowd crowd;
  nara::test::for_each_seed(kRounds, [&](unsigned seed) { stress_watch(crowd, seed); });
}
