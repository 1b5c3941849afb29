// Waiting until the value of a watch is the right one.
#include <doctest/doctest.h>

#include <nara/sync/watch.hpp>
#include <stdexcept>
#include <testkit/by_hand.hpp>
#include <utility>

using nara::Misuse;
using nara::sync::watch::channel;
using nara::sync::watch::Sender;
using nara::test::by_hand;

namespace {

bool is_even(const int& value) { return value % 2 == 0; }

}  // namespace

TEST_CASE("wait_for() begins with the value that is there, also when it was seen") {
  auto [sender, receiver] = channel(2);
  auto even = by_hand(receiver.wait_for(is_even));
  const auto found = even.poll().value();
  CHECK(**found == 2);
  CHECK_FALSE(found->has_changed());
  CHECK_THROWS_AS((void)even.poll(), Misuse);
}

TEST_CASE("wait_for() tries each value that comes, until one is right") {
  auto [sender, receiver] = channel(1);
  auto even = by_hand(receiver.wait_for(is_even));
  CHECK(even.poll().is_pending());
  CHECK(sender.send(3).has_value());
  CHECK(even.is_woken());
  CHECK(even.poll().is_pending());
  CHECK(sender.send(4).has_value());
  CHECK(even.is_woken());
  const auto found = even.poll().value();
  CHECK(**found == 4);
  CHECK(found->has_changed());
}

TEST_CASE("a value that is sent while wait_for() tries another one is not missed") {
  auto [sender, receiver] = channel(1);
  auto two = by_hand(receiver.wait_for([&](int value) {
    if (value == 1) CHECK(sender.send(2).has_value());
    return value == 2;
  }));
  CHECK(**two.poll().value() == 2);
}

TEST_CASE("values that wait_for() has tried count as seen") {
  auto [sender, receiver] = channel(1);
  CHECK(sender.send(3).has_value());
  {
    auto even = by_hand(receiver.wait_for(is_even));
    CHECK(even.poll().is_pending());
  }
  CHECK_FALSE(receiver.has_changed());
  CHECK(sender.send(4).has_value());
  CHECK(by_hand(receiver.wait_for(is_even)).poll().value().has_value());
  CHECK_FALSE(receiver.has_changed());
}

TEST_CASE("wait_for() tries the last value, and fails when that is not right either") {
  auto [sender, receiver] = channel(1);
  auto other = receiver.clone();
  auto even = by_hand(receiver.wait_for(is_even));
  auto three = by_hand(other.wait_for([](int value) { return value == 3; }));
  CHECK(even.poll().is_pending());
  CHECK(three.poll().is_pending());
  CHECK(sender.send(3).has_value());
  sender = Sender<int>(0);
  CHECK(even.is_woken());
  CHECK_FALSE(even.poll().value().has_value());
  CHECK(**three.poll().value() == 3);
}

TEST_CASE("what the function of wait_for() throws comes out, and the watch can be used on") {
  auto [sender, receiver] = channel(1);
  auto broken = by_hand(receiver.wait_for([](int value) {
    if (value == 1) throw std::runtime_error("no");
    return true;
  }));
  CHECK_THROWS_AS((void)broken.poll(), std::runtime_error);
  CHECK(sender.send(2).has_value());
  CHECK(**broken.poll().value() == 2);
}
