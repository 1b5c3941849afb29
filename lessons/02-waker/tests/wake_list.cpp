// The list of wakers that are woken once the lock is free.
#include <doctest/doctest.h>

#include <array>
#include <nara/wake_list.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/cost.hpp>
#include <type_traits>
#include <vector>

using nara::WakeList;
using nara::Waker;
using nara::WakerVTable;
using nara::test::step;
using nara::test::WakeCounter;

static_assert(!std::is_copy_constructible_v<WakeList>);

namespace {

/// Writes its number down when it is woken.
struct Guest {
  std::vector<int>* order;
  int number;
  int clones = 0;
};

void write(void* guest) noexcept {
  static_cast<Guest*>(guest)->order->push_back(static_cast<Guest*>(guest)->number);
}

constexpr WakerVTable kWrites{
    .clone = [](void* guest) noexcept { ++static_cast<Guest*>(guest)->clones; },
    .wake = write,
    .wake_by_ref = write,
    .drop = [](void*) noexcept {},
};

}  // namespace

TEST_CASE("a wake list wakes each once, the first first, and is empty then") {
  std::vector<int> order;
  std::array<Guest, 3> guests{Guest{&order, 0}, Guest{&order, 1}, Guest{&order, 2}};
  WakeList wakers;
  for (Guest& guest : guests) wakers.push(Waker(&guest, kWrites));
  wakers.wake_all();
  CHECK(order == std::vector{0, 1, 2});
  step("wake nobody");
  wakers.wake_all();
  CHECK(order.size() == 3);
}

TEST_CASE("a wake list has room for 32, and for as many again once these are woken") {
  WakeCounter counter;
  WakeList wakers;
  for (int round = 1; round <= 3; ++round) {
    for (std::size_t waker = 0; waker < WakeList::kCapacity; ++waker) {
      CHECK_FALSE(wakers.is_full());
      wakers.push(counter.waker());
    }
    CHECK(wakers.is_full());
    wakers.wake_all();
    CHECK_FALSE(wakers.is_full());
    CHECK(counter.wakes() == 32 * round);
    CHECK(counter.wakers_out() == 0);
  }
}

TEST_CASE("a wake list that goes drops those that it has, and wakes nobody") {
  WakeCounter counter;
  {
    WakeList wakers;
    wakers.push(counter.waker());
    wakers.push(counter.waker());
    CHECK(counter.wakers_out() == 2);
  }
  CHECK(counter.wakers_out() == 0);
  CHECK(counter.wakes() == 0);
}

TEST_SUITE("cost") {
  TEST_CASE("a wake list allocates nothing, and takes over what it is given without a clone") {
    std::vector<int> order;
    order.reserve(WakeList::kCapacity);
    Guest guest{&order, 7};
    const nara::test::Cost cost;
    WakeList wakers;
    while (!wakers.is_full()) wakers.push(Waker(&guest, kWrites));
    wakers.wake_all();
    CHECK(order.size() == WakeList::kCapacity);
    CHECK(guest.clones == 0);
    CHECK(cost.allocations() == 0);
  }
}
