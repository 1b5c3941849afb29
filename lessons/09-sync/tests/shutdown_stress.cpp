// Tokens that are made, cancelled and destroyed on several threads, and a tracker of what goes on
// there. Meant for ThreadSanitizer. NARA_STRESS_ROUNDS=100000 lets it run for long;
// NARA_STRESS_SEED=7 repeats a run.
#include <doctest/doctest.h>

#include <atomic>
#include <cstddef>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/sync/cancellation_token.hpp>
#include <nara/task_tracker.hpp>
#include <testkit/random.hpp>
#include <thread>
#include <utility>
#include <vector>

using nara::Async;
using nara::TaskTracker;
using nara::sync::CancellationToken;
using nara::test::below;
using nara::test::Random;

namespace {

/// Makes children, clones, and children of those, and lets them go again, in any order.
void grow(const CancellationToken& root, unsigned seed) {
  Random random(seed);
  std::vector<CancellationToken> tokens;
  tokens.push_back(root.child_token());
  for (int act = 0; act < 60; ++act) {
    const auto index = static_cast<std::size_t>(below(random, static_cast<int>(tokens.size())));
    const int what = below(random, 8);
    if (what == 0) {
      tokens[index].cancel();
      CHECK(tokens[index].child_token().is_cancelled());
    } else if (what == 1) {
      tokens.push_back(tokens[index].clone());
    } else if (what < 4 && tokens.size() > 1) {
      std::swap(tokens[index], tokens.back());
      tokens.pop_back();
    } else {
      tokens.push_back(tokens[index].child_token());
    }
  }
}

/// Waits for a child of a child, the one in the middle of which is gone.
Async<> wait_below(CancellationToken root) {
  CancellationToken token = root.child_token();
  token = token.child_token();
  co_await token.cancelled();
  CHECK(root.is_cancelled());
}

void one_round(unsigned seed) {
  const CancellationToken root;
  const TaskTracker tracker;
  std::atomic<int> ended = 0;
  std::vector<std::thread> threads;
  for (unsigned thread = 0; thread < 2; ++thread) {
    threads.emplace_back([&, thread, root = root.clone(), token = tracker.token()] {
      grow(root, 2 * seed + thread);
      ++ended;
    });
    threads.emplace_back([&, root = root.clone()]() mutable {
      nara::block_on(tracker.track_future(wait_below(std::move(root))));
      ++ended;
    });
  }
  threads.emplace_back([&] {
    const auto guard = root.clone().drop_guard();
    if (seed % 2 == 0) std::this_thread::yield();
  });
  const bool was_open = tracker.close();
  nara::block_on(tracker.wait());
  for (std::thread& thread : threads) thread.join();
  CHECK(was_open);
  CHECK(ended == 4);
  CHECK(tracker.is_empty());
  CHECK(root.is_cancelled());
}

constexpr int kRounds = 200;

}  // namespace

TEST_CASE("tokens of one tree may come, be cancelled and go on any thread" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  nara::test::for_each_seed(kRounds, one_round);
}
