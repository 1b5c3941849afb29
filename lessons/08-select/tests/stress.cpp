// Sets whose tasks end, are aborted, detached and given up on other threads, all at once. Meant for
// ThreadSanitizer. NARA_STRESS_ROUNDS=100000 lets it run for long; NARA_STRESS_SEED=7 repeats a
// run.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <nara/join_set.hpp>
#include <nara/select.hpp>
#include <stdexcept>
#include <testkit/random.hpp>
#include <testkit/worker.hpp>
#include <utility>

#include "tasks.hpp"

using nara::Async;
using nara::JoinSet;
using nara::test::below;
using nara::test::let_run;
using nara::test::Random;
using nara::test::Worker;

namespace {

/// What tasks give. None may be lost, and none may live on.
class Parcel {
 public:
  explicit Parcel(std::atomic<int>& alive) : alive_(&alive) { ++*alive_; }
  Parcel(Parcel&& other) noexcept : alive_(std::exchange(other.alive_, nullptr)) {}
  Parcel& operator=(Parcel&&) = delete;
  ~Parcel() {
    if (alive_ != nullptr) --*alive_;
  }

 private:
  std::atomic<int>* alive_;
};

Async<Parcel> deliver(std::atomic<int>& alive, int turns) {
  Parcel parcel(alive);
  co_await let_run(turns);
  if (turns == 4) throw std::runtime_error("lost on its way");
  if (turns == 5) co_await nara::pending();
  co_return parcel;
}

using Workers = std::array<Worker, 2>;

/// Fills a set with tasks of other threads, and does all sorts of things with it.
Async<> play(Workers& workers, std::atomic<int>& alive, Random& random) {
  JoinSet<Parcel> set;
  const auto spawn = [&] {
    Worker& worker = workers.at(static_cast<std::size_t>(below(random, 2)));
    return set.spawn_on(worker.executor(), deliver, std::ref(alive), below(random, 6));
  };
  for (int act = 0; act < 40; ++act) {
    const std::size_t size = set.size();
    switch (below(random, 12)) {
      case 0:
        set.abort_all();
        CHECK(set.size() == size);
        break;
      case 1:
        set = JoinSet<Parcel>();
        break;
      case 2:
        co_await set.shutdown();
        CHECK(set.empty());
        break;
      case 3:
        if (set.try_join_next()) CHECK(set.size() == size - 1);
        break;
      case 4:
        (void)co_await nara::select(set.join_next(), let_run(below(random, 3)));
        break;
      case 5:
        spawn().abort();
        break;
      case 6:
        // Parcels that wait for ever would stop it.
        set.abort_all();
        (void)co_await set.join_next();
        break;
      default:
        (void)spawn();
        break;
    }
  }
  if (below(random, 2) == 0) co_await set.shutdown();
}

void one_round(unsigned seed) {
  Random random(seed);
  std::atomic<int> alive = 0;
  {
    Workers workers;
    nara::block_on(play(workers, alive, random));
  }
  CHECK(alive == 0);
}

constexpr int kRounds = 300;

}  // namespace

TEST_CASE("a set whose tasks run on other threads loses nothing, and keeps nothing" *
          doctest::timeout(nara::test::seconds_for_seeds(kRounds))) {
  nara::test::for_each_seed(kRounds, one_round);
}
