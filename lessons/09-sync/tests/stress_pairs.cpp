// Pairs of tasks on different threads who give each other a signal, and take the other's at the
// same time. Each signal counts: if one gets lost, its pair stops. Meant for ThreadSanitizer.
// NARA_STRESS_ROUNDS=100000 lets it run for long; NARA_STRESS_SEED=7 repeats a run.
#include <doctest/doctest.h>

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <nara/async.hpp>
#include <nara/sync/broadcast.hpp>
#include <nara/sync/cancellation_token.hpp>
#include <nara/sync/mpsc.hpp>
#include <nara/sync/notify.hpp>
#include <nara/sync/oneshot.hpp>
#include <nara/sync/semaphore.hpp>
#include <nara/sync/watch.hpp>
#include <nara/task_tracker.hpp>
#include <optional>
#include <testkit/random.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "crowd.hpp"

using nara::Async;
using nara::test::below;
using nara::test::Random;

namespace {

constexpr int kRounds = 50;
constexpr int kPairs = 3;
constexpr int kSignals = 30;

// Each has give(), which somebody calls for the signals from 0 on, and take(), which somebody else
// calls for the same.

class ByNotify {
 public:
  void give(int signal) {
    given_ = signal + 1;
    notify_.notify_waiters();
  }
  Async<> take(int signal) {
    for (;;) {
      auto notified = notify_.notified();
      if (given_ > signal) co_return;
      co_await notified;
    }
  }

 private:
  nara::sync::Notify notify_;
  std::atomic<int> given_ = 0;
};

class BySemaphore {
 public:
  void give(int) { semaphore_.add_permits(1); }
  Async<> take(int) {
    auto permit = co_await semaphore_.acquire();
    std::move(*permit).forget();
  }

 private:
  nara::sync::Semaphore semaphore_{0};
};

class ByMpsc {
 public:
  void give(int signal) { CHECK(sender().try_send(std::make_unique<int>(signal))); }
  Async<> take(int signal) {
    const auto message = co_await receiver().recv();
    CHECK(**message == signal);
  }

 private:
  nara::sync::mpsc::Sender<std::unique_ptr<int>>& sender() { return channel_.first; }
  nara::sync::mpsc::Receiver<std::unique_ptr<int>>& receiver() { return channel_.second; }

  // As many as one can be ahead of the other.
  decltype(nara::sync::mpsc::channel<std::unique_ptr<int>>(2)) channel_ =
      nara::sync::mpsc::channel<std::unique_ptr<int>>(2);
};

/// The last sender goes: that is the signal.
class ByMpscEnd {
 public:
  void give(int signal) { senders_.at(static_cast<std::size_t>(signal)).reset(); }
  Async<> take(int signal) {
    const auto nothing = co_await receivers_.at(static_cast<std::size_t>(signal)).recv();
    CHECK(!nothing);
  }

  ByMpscEnd() {
    for (int signal = 0; signal < kSignals; ++signal) {
      auto [sender, receiver] = nara::sync::mpsc::channel<int>(1);
      senders_.emplace_back(std::move(sender));
      receivers_.push_back(std::move(receiver));
    }
  }

 private:
  std::vector<std::optional<nara::sync::mpsc::Sender<int>>> senders_;
  std::vector<nara::sync::mpsc::Receiver<int>> receivers_;
};

class ByOneshot {
 public:
  void give(int signal) {
    auto& sender = senders_.at(static_cast<std::size_t>(signal));
    CHECK(std::move(*sender).send(std::make_unique<int>(signal)));
    sender.reset();
  }
  Async<> take(int signal) {
    auto& receiver = receivers_.at(static_cast<std::size_t>(signal));
    const auto value = co_await receiver;
    CHECK(**value == signal);
  }

  ByOneshot() {
    for (int signal = 0; signal < kSignals; ++signal) {
      auto [sender, receiver] = nara::sync::oneshot::channel<std::unique_ptr<int>>();
      senders_.emplace_back(std::move(sender));
      receivers_.push_back(std::move(receiver));
    }
  }

 private:
  std::vector<std::optional<nara::sync::oneshot::Sender<std::unique_ptr<int>>>> senders_;
  std::vector<nara::sync::oneshot::Receiver<std::unique_ptr<int>>> receivers_;
};

class ByWatch {
 public:
  void give(int signal) { CHECK(channel_.first.send(signal)); }
  Async<> take(int signal) {
    auto& receiver = channel_.second;
    while (*receiver.borrow_and_update() < signal) {
      const auto changed = co_await receiver.changed();
      CHECK(changed);
    }
  }

 private:
  decltype(nara::sync::watch::channel(-1)) channel_ = nara::sync::watch::channel(-1);
};

class ByBroadcast {
 public:
  void give(int signal) { CHECK(channel_.first.send(signal)); }
  Async<> take(int signal) {
    const auto value = co_await channel_.second.recv();
    CHECK(*value == signal);
  }

 private:
  decltype(nara::sync::broadcast::channel<int>(2)) channel_ =
      nara::sync::broadcast::channel<int>(2);
};

/// Who takes is a child that is born at that moment.
class ByToken {
 public:
  void give(int signal) { tokens_.at(static_cast<std::size_t>(signal)).cancel(); }
  Async<> take(int signal) {
    const auto child = tokens_.at(static_cast<std::size_t>(signal)).child_token();
    co_await child.cancelled();
  }

 private:
  std::vector<nara::sync::CancellationToken> tokens_ =
      std::vector<nara::sync::CancellationToken>(kSignals);
};

class ByTracker {
 public:
  void give(int signal) { trackers_.at(static_cast<std::size_t>(signal)).close(); }
  Async<> take(int signal) { co_await trackers_.at(static_cast<std::size_t>(signal)).wait(); }

 private:
  std::vector<nara::TaskTracker> trackers_ = std::vector<nara::TaskTracker>(kSignals);
};

/// A moment of any length, in which the other one can go on.
void pass_time(Random& random) {
  const int kind = below(random, 8);
  if (kind == 0) std::this_thread::yield();
  std::atomic<int> counter = 0;
  for (int i = below(random, 100) * (kind % 2); i > 0; --i) ++counter;
}

template <class Signal>
void one_round(Crowd& crowd, unsigned seed) {
  constexpr int kTasks = 2 * kPairs;
  std::deque<Signal> signals(kTasks);
  const auto body = [&](Random random, int number) -> Async<> {
    Signal& mine = signals.at(static_cast<std::size_t>(number));
    Signal& others = signals.at(static_cast<std::size_t>(number ^ 1));
    for (int signal = 0; signal < kSignals; ++signal) {
      pass_time(random);
      others.give(signal);
      pass_time(random);
      co_await mine.take(signal);
    }
  };
  crowd.run(seed, kTasks, Crowd::Ends::kAll, body);
}

template <class Signal>
void stress() {
  Crowd crowd;
  nara::test::for_each_seed(kRounds, [&](unsigned seed) { one_round<Signal>(crowd, seed); });
}

}  // namespace

TEST_CASE("between two threads each signal arrives: a Notify" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  stress<ByNotify>();
}

TEST_CASE("between two threads each signal arrives: permits of a semaphore" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  stress<BySemaphore>();
}

TEST_CASE("between two threads each signal arrives: messages" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  stress<ByMpsc>();
}

TEST_CASE("between two threads each signal arrives: the end of a channel" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  stress<ByMpscEnd>();
}

TEST_CASE("between two threads each signal arrives: values of a oneshot" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  stress<ByOneshot>();
}

TEST_CASE("between two threads each signal arrives: a watch" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  stress<ByWatch>();
}

TEST_CASE("between two threads each signal arrives: a broadcast" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  stress<ByBroadcast>();
}

TEST_CASE("between two threads each signal arrives: tokens that are cancelled" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  stress<ByToken>();
}

TEST_CASE("between two threads each signal arrives: trackers that are closed" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  stress<ByTracker>();
}
