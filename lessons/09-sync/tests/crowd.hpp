// Tasks on several threads that all do the same, each with a chance of its own.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/join_handle.hpp>
#include <testkit/random.hpp>
#include <testkit/runtime.hpp>
#include <testkit/worker.hpp>
#include <utility>
#include <vector>

/// Threads that stay from round to round: so the tasks begin together, and meet more often than on
/// threads that are started for them.
class Crowd {
 public:
  enum class Ends : bool { kAll, kSomeAreAborted };

  /// Runs `body(random, number)` in so many tasks at once, until all have ended.
  template <class Body>
  void run(unsigned seed, int tasks, Ends ends, const Body& body) {
    std::vector<nara::JoinHandle<void>> handles;
    for (int number = 0; number < tasks; ++number) {
      nara::test::Worker& worker = workers_.at(static_cast<std::size_t>(number) % kThreads);
      nara::test::Random random((seed * 100) + static_cast<unsigned>(number));
      handles.push_back(worker.executor().spawn(body(random, number)));
    }
    nara::test::Random random(seed);
    nara::block_on(end(handles, ends, random));
  }

 private:
  static constexpr std::size_t kThreads = 3;

  static nara::Async<> end(std::vector<nara::JoinHandle<void>>& handles, Ends ends,
                           nara::test::Random& random) {
    for (const nara::JoinHandle<void>& handle : handles) {
      if (ends == Ends::kAll || nara::test::below(random, 3) != 0) continue;
      co_await nara::test::let_run(nara::test::below(random, 50));
      handle.abort();
    }
    bool has_thrown = false;
    for (nara::JoinHandle<void>& handle : handles) {
      const auto ended = co_await handle;
      has_thrown |= !ended && !ended.error().is_cancelled();
    }
    CHECK(!has_thrown);  // Not before: what the tasks use is to stay until all have ended.
  }

  std::array<nara::test::Worker, kThreads> workers_;
};
