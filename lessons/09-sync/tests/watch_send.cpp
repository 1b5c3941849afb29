// The ways to send a value to a watch, and what a value may do meanwhile.
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <nara/sync/watch.hpp>
#include <stdexcept>
#include <string>
#include <testkit/by_hand.hpp>
#include <utility>

using nara::sync::watch::channel;
using nara::sync::watch::Sender;
using nara::test::by_hand;

TEST_CASE("send_replace() sends, and gives the value that it replaces") {
  auto [sender, receiver] = channel<std::string>("one");
  CHECK(*sender.send_replace("two") == "one");
  CHECK(receiver.has_changed());
  CHECK(*receiver.borrow() == "two");
}

TEST_CASE("send_modify() sends what becomes of a copy") {
  auto [sender, receiver] = channel<std::string>("one");
  const auto before = receiver.borrow();
  sender.send_modify([](std::string& value) { value += " and two"; });
  CHECK(receiver.has_changed());
  CHECK(*receiver.borrow() == "one and two");
  CHECK(*before == "one");
}

TEST_CASE("send_if_modified() sends only if the function says so") {
  auto [sender, receiver] = channel(1);
  auto changed = by_hand(receiver.changed());
  CHECK(changed.poll().is_pending());
  const auto change_to_even = [&](int to) {
    return sender.send_if_modified([to](int& value) {
      value = to;
      return value % 2 == 0;
    });
  };
  CHECK_FALSE(change_to_even(7));
  CHECK_FALSE(changed.is_woken());
  CHECK(*receiver.borrow() == 1);
  CHECK(change_to_even(8));
  CHECK(changed.is_woken());
  CHECK(*receiver.borrow() == 8);
}

TEST_CASE("when the function that modifies throws, nothing is sent") {
  auto [sender, receiver] = channel(1);
  CHECK_THROWS_AS(sender.send_modify([](int& value) {
    value = 2;
    throw std::runtime_error("no");
  }),
                  std::runtime_error);
  CHECK_FALSE(receiver.has_changed());
  CHECK(*receiver.borrow() == 1);
  CHECK(sender.send(3).has_value());
}

TEST_CASE("a function that modifies is called again when another value was sent meanwhile") {
  auto [sender, receiver] = channel(1);
  int calls = 0;
  sender.send_modify([&](int& value) {
    if (++calls == 1) CHECK(sender.send(10).has_value());
    value += 1;
  });
  CHECK(calls == 2);
  CHECK(*receiver.borrow() == 11);
}

TEST_CASE("to replace, modify and borrow, a sender needs no receiver") {
  const Sender<int> sender(1);
  CHECK(*sender.send_replace(2) == 1);
  sender.send_modify([](int& value) { ++value; });
  CHECK(*sender.borrow() == 3);
  CHECK(*sender.subscribe().borrow() == 3);
}

TEST_CASE("a value that goes may use the channel") {
  struct Last {
    explicit Last(std::function<void()> at_end) : on_end(std::move(at_end)) {}
    Last(Last&& other) noexcept : on_end(std::exchange(other.on_end, nullptr)) {}
    Last& operator=(Last&&) = delete;
    ~Last() {
      if (on_end) on_end();
    }
    std::function<void()> on_end;
  };
  const Sender<Last>* to = nullptr;
  int ends = 0;
  const auto make = [&] {
    return Last([&] {
      ++ends;
      if (to != nullptr) CHECK(to->receiver_count() == 1);
    });
  };
  auto [sender, receiver] = channel(make());
  to = &sender;
  CHECK(sender.send(make()).has_value());
  CHECK(ends == 1);
  (void)sender.send_replace(make());
  CHECK(ends == 2);
  to = nullptr;
}
