// How long the values of a broadcast channel live, and what they may do meanwhile.
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <nara/sync/broadcast.hpp>
#include <stdexcept>
#include <testkit/steps.hpp>
#include <testkit/tracked.hpp>
#include <utility>

using nara::sync::broadcast::channel;
using nara::sync::broadcast::Sender;
using nara::test::step;
using nara::test::Tracked;

namespace {

/// A value that can be copied, and counted.
using Counted = std::shared_ptr<Tracked>;

Counted counted() { return std::make_shared<Tracked>(); }

/// Calls a function when it is copied, and another one when it is destroyed.
struct Busy {
  Busy(std::function<void()> at_copy, std::function<void()> at_end)
      : on_copy(std::move(at_copy)), on_end(std::move(at_end)) {}
  Busy(const Busy& other) {
    if (other.on_copy) other.on_copy();
  }
  Busy(Busy&& other) noexcept
      : on_copy(std::exchange(other.on_copy, nullptr)),
        on_end(std::exchange(other.on_end, nullptr)) {}
  Busy& operator=(Busy&&) = delete;
  ~Busy() {
    if (on_end) on_end();
  }

  std::function<void()> on_copy;
  std::function<void()> on_end;
};

}  // namespace

TEST_CASE("a value goes when the last receiver has seen it") {
  auto [sender, first] = channel<Counted>(16);
  auto second = sender.subscribe();
  CHECK(sender.send(counted()) == 2);
  CHECK(first.try_recv().has_value());
  CHECK(Tracked::alive() == 1);
  CHECK(second.try_recv().has_value());
  CHECK(Tracked::alive() == 0);
}

TEST_CASE("a value goes when the last receiver that has not seen it goes") {
  auto [sender, first] = channel<Counted>(16);
  {
    const auto second = sender.subscribe();
    for (int count = 0; count < 3; ++count) CHECK(sender.send(counted()) == 2);
    CHECK(first.try_recv().has_value());
    CHECK(first.try_recv().has_value());
    CHECK(Tracked::alive() == 3);
  }
  step("the first has still to see the last one");
  CHECK(Tracked::alive() == 1);
  CHECK(sender.size() == 1);
  CHECK(first.try_recv().has_value());
  CHECK(Tracked::alive() == 0);
}

TEST_CASE("a value goes when it is overwritten") {
  auto [sender, receiver] = channel<Counted>(2);
  for (int count = 0; count < 5; ++count) CHECK(sender.send(counted()) == 1);
  CHECK(Tracked::alive() == 2);
}

TEST_CASE("a receiver that lags and goes takes with it only what there is") {
  auto [sender, first] = channel<Counted>(2);
  {
    const auto second = sender.subscribe();
    for (int count = 0; count < 5; ++count) CHECK(sender.send(counted()) == 2);
  }
  CHECK(Tracked::alive() == 2);
  CHECK(first.try_recv().error().lagged() == 3);
  CHECK(first.try_recv().has_value());
  CHECK(first.try_recv().has_value());
  CHECK(Tracked::alive() == 0);
}

TEST_CASE("what is left in a broadcast channel goes with it") {
  {
    auto [sender, receiver] = channel<Counted>(4);
    CHECK(sender.send(counted()) == 1);
    CHECK(Tracked::alive() == 1);
  }
  CHECK(Tracked::alive() == 0);
}

TEST_CASE("a value that is copied or destroyed may use the channel") {
  auto [sender, receiver] = channel<Busy>(1);
  int copies = 0;
  int ends = 0;
  const auto make = [&] {
    return Busy([&] { copies += static_cast<int>(sender.receiver_count()); },
                [&] { ends += static_cast<int>(sender.receiver_count()) + 1; });
  };
  step("it goes after it was received");
  CHECK(sender.send(make()).has_value());
  CHECK(receiver.try_recv().has_value());
  CHECK(copies == 1);
  CHECK(ends == 2);
  step("it goes when it is overwritten");
  CHECK(sender.send(make()).has_value());
  CHECK(sender.send(make()).has_value());
  CHECK(ends == 4);
  step("it goes with the receiver");
  receiver = Sender<Busy>(1).subscribe();
  CHECK(ends == 5);
}

TEST_CASE("a value that throws when it is copied is lost for this receiver, and for no other") {
  struct Shy {
    explicit Shy(int& copies) : left(&copies) {}
    Shy(const Shy& other) : left(other.left) {
      if (--*left < 0) throw std::runtime_error("not me");
    }
    Shy(Shy&& other) noexcept = default;
    Shy& operator=(Shy&&) = default;
    ~Shy() = default;
    int* left;
  };
  int left = 0;
  auto [sender, first] = channel<Shy>(4);
  auto second = sender.subscribe();
  CHECK(sender.send(Shy(left)) == 2);
  CHECK_THROWS_AS((void)first.try_recv(), std::runtime_error);
  CHECK(first.try_recv().error().is_empty());
  left = 1;
  CHECK(second.try_recv().has_value());
}
