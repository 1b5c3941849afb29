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

TEST_SUITE("cost") {
  TEST_CASE("cost: with a pool, nested calls allocate nothing in a steady state") {
    if (!nara::test::kSeesAllocations) return;
    if (!FramePool::recycles()) return;
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
    const auto before = pool.allocations();
    const Cost cost;
    auto async = by_hand(sum());
    const bool ready = async.poll().is_ready();
    CHECK(ready);
    CHECK(cost.allocations() == 0);
    CHECK(pool.allocations() == before);
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

// What pools have too much of goes to a store for all. So each test has a size of its own.

TEST_CASE(
    "a block is used again for any frame of the same step of 16 bytes, and for no larger one") {
  if (!FramePool::recycles()) return;
  FramePool pool;
  void* const first = FramePool::allocate(409);
  FramePool::deallocate(first, 409);
  void* const larger = FramePool::allocate(425);
  CHECK(larger != first);
  void* const same = FramePool::allocate(424);
  CHECK(same == first);
  FramePool::deallocate(same, 424);
  FramePool::deallocate(larger, 425);
  CHECK(pool.allocations() == 2);
}

TEST_CASE("frames of more than 520 bytes are not kept") {
  if (!FramePool::recycles()) return;
  FramePool pool;
  for (int i = 0; i < 3; ++i) FramePool::deallocate(FramePool::allocate(521), 521);
  CHECK(pool.allocations() == 3);
}

TEST_CASE("of more than 64 blocks of one size, those that came first are left to other threads") {
  if (!FramePool::recycles()) return;
  constexpr std::size_t kSize = 456;
  const auto take_and_give_back = [](std::size_t count) {
    std::vector<void*> blocks;
    for (std::size_t i = 0; i < count; ++i) blocks.push_back(FramePool::allocate(kSize));
    for (void* block : blocks) FramePool::deallocate(block, kSize);
  };
  FramePool pool;
  take_and_give_back(128);
  CHECK(pool.allocations() == 128);
  std::thread([&] {
    FramePool other;
    take_and_give_back(65);
    CHECK(other.allocations() == 1);
  }).join();
  take_and_give_back(64);
  CHECK(pool.allocations() == 128);
}

TEST_CASE("a pool inside a pool serves its own time, and then the outer one goes on") {
  if (!FramePool::recycles()) return;
  constexpr std::size_t kSize = 472;
  FramePool outer;
  FramePool::deallocate(FramePool::allocate(kSize), kSize);
  {
    FramePool inner;
    FramePool::deallocate(FramePool::allocate(kSize), kSize);
    CHECK(inner.allocations() == 1);
  }
  FramePool::deallocate(FramePool::allocate(kSize), kSize);
  CHECK(outer.allocations() == 1);
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
