// Which memory is used again, and when it is not.
#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <nara/async.hpp>
#include <nara/frame_pool.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/cost.hpp>
#include <thread>
#include <vector>

#include "coroutines.hpp"

using nara::Async;
using nara::FramePool;
using nara::test::by_hand;
using nara::test::Cost;

namespace {

/// Sanitizers must see every frame come and go, so nothing is recycled under them.
bool recycles() {
  FramePool pool;
  FramePool::deallocate(FramePool::allocate(32), 32);
  FramePool::deallocate(FramePool::allocate(32), 32);
  return pool.counters().allocations == 1;
}

}  // namespace

TEST_SUITE("cost") {
  TEST_CASE("cost: with a pool, nested calls allocate nothing in a steady state") {
    if (!nara::test::kSeesAllocations) return;
    if (!recycles()) return;
    FramePool pool;
    auto sum = []() -> Async<int> {
      int sum = 0;
      for (int i = 0; i < 1000; ++i) {
        int one = co_await number(1);
        sum += one;
      }
      co_return sum;
    };
    CHECK(by_hand(sum()).poll().value() == 1000);
    const auto before = pool.counters();
    const Cost cost;
    auto async = by_hand(sum());
    const bool ready = async.poll().is_ready();
    CHECK(ready);
    CHECK(cost.allocations() == 0);
    CHECK(pool.counters().frames - before.frames == 1001);
    CHECK(pool.counters().allocations == before.allocations);
  }
}

TEST_CASE("without a pool every frame comes from operator new and goes back") {
  if (!nara::test::kSeesAllocations) return;
  const Cost cost;
  void* const frame = FramePool::allocate(100);
  FramePool::deallocate(frame, 100);
  FramePool::deallocate(FramePool::allocate(100), 100);
  CHECK(cost.allocations() == 2);
}

TEST_CASE("a block is used again for any frame of the same step of 16 bytes, and for no larger one") {
  if (!recycles()) return;
  FramePool pool;
  void* const first = FramePool::allocate(41);
  FramePool::deallocate(first, 41);
  void* const larger = FramePool::allocate(57);
  CHECK(larger != first);
  void* const same = FramePool::allocate(56);
  CHECK(same == first);
  FramePool::deallocate(same, 56);
  FramePool::deallocate(larger, 57);
  CHECK(pool.counters().frames == 3);
  CHECK(pool.counters().allocations == 2);
}

TEST_CASE("frames of more than 520 bytes are not kept") {
  FramePool pool;
  for (int i = 0; i < 3; ++i) FramePool::deallocate(FramePool::allocate(521), 521);
  CHECK(pool.counters().allocations == 3);
}

TEST_CASE("at most 64 blocks of one size are kept") {
  if (!recycles()) return;
  constexpr std::size_t kSize = 64;
  FramePool pool;
  std::vector<void*> blocks;
  for (int i = 0; i < 100; ++i) blocks.push_back(FramePool::allocate(kSize));
  for (void* block : blocks) FramePool::deallocate(block, kSize);
  const auto before = pool.counters().allocations;
  for (void*& block : blocks) block = FramePool::allocate(kSize);
  CHECK(pool.counters().allocations - before == 36);
  for (void* block : blocks) FramePool::deallocate(block, kSize);
}

TEST_CASE("a pool inside a pool serves its own time, and then the outer one goes on") {
  FramePool outer;
  FramePool::deallocate(FramePool::allocate(16), 16);
  {
    FramePool inner;
    FramePool::deallocate(FramePool::allocate(16), 16);
    CHECK(inner.counters().frames == 1);
  }
  FramePool::deallocate(FramePool::allocate(16), 16);
  CHECK(outer.counters().frames == 2);
}

TEST_CASE("a frame may be made on one thread and destroyed on another, with and without pools") {
  std::vector<Async<int>> made;
  {
    FramePool pool;
    for (int i = 0; i < 100; ++i) made.push_back(number(i));
  }
  std::jthread([&made] {
    FramePool pool;
    made.clear();
    for (int i = 0; i < 100; ++i) made.push_back(number(i));
  }).join();
  made.clear();
}
