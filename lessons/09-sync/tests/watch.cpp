// Who waits learns that there is a new value, and who looks sees the newest.
#include <doctest/doctest.h>

#include <nara/sync/watch.hpp>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/steps.hpp>

using nara::sync::watch::channel;
using nara::test::by_hand;
using nara::test::step;

TEST_CASE("the initial value of a watch counts as seen") {
  auto [sender, receiver] = channel<std::string>("one");
  CHECK(*receiver.borrow() == "one");
  CHECK_FALSE(receiver.has_changed());
  auto changed = by_hand(receiver.changed());
  CHECK(changed.poll().is_pending());
  CHECK(sender.send("two").has_value());
  CHECK(changed.is_woken());
  CHECK(changed.poll().value().has_value());
  CHECK(*receiver.borrow() == "two");
  sender.send_modify([](std::string& value) { value += "!"; });
  CHECK(*receiver.borrow() == "two!");
}
