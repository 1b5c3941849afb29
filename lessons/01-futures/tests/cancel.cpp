// Destroying a coroutine cancels it: everything in its frames goes, innermost first, exactly once.
#include <doctest/doctest.h>

#include <memory>
#include <nara/async.hpp>
#include <stdexcept>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/gate.hpp>
#include <testkit/last_words.hpp>
#include <utility>
#include <vector>

using nara::Async;
using nara::Context;
using nara::Waker;
using nara::test::by_hand;
using nara::test::Gate;
using nara::test::step;
using nara::test::Tracked;

namespace {

Async<> nest(int depth, Gate& gate) {
  const Tracked local("frame " + std::to_string(depth));
  if (depth == 1) {
    co_await gate.wait();
  } else {
    co_await nest(depth - 1, gate);
  }
}

}  // namespace

TEST_CASE("destroying a suspended coroutine takes it out of the list that it waits in") {
  Gate gate;
  {
    auto async = by_hand(nest(1, gate));
    CHECK(async.poll().is_pending());
    CHECK(gate.waiting() == 1);
  }
  CHECK(gate.waiting() == 0);
  step("what happens now touches nothing of it");
  gate.open();
}

TEST_CASE("frames are destroyed innermost first, and every local once") {
  Gate gate;
  {
    auto async = by_hand(nest(4, gate));
    CHECK(async.poll().is_pending());
    CHECK(Tracked::alive() == 4);
    Tracked::deaths();
  }
  CHECK(Tracked::deaths() == std::vector<std::string>{"frame 1", "frame 2", "frame 3", "frame 4"});
  CHECK(Tracked::alive() == 0);
}

TEST_CASE("a chain of 100,000 suspended frames is taken down on a flat stack") {
  Gate gate;
  {
    auto async = by_hand(nest(100'000, gate));
    CHECK(async.poll().is_pending());
    CHECK(Tracked::alive() == 100'000);
  }
  CHECK(Tracked::alive() == 0);
  const std::vector<std::string> deaths = Tracked::deaths();
  CHECK(deaths.front() == "frame 1");
  CHECK(deaths.back() == "frame 100000");
}

TEST_CASE("a coroutine can be destroyed at each of its suspension points, and nothing is left") {
  struct Script {
    static Async<int> inner(Gate& gate) {
      const Tracked local("inner");
      co_await gate.wait();
      co_return 1;
    }
    static Async<int> outer(std::vector<Gate>& gates) {
      const Tracked local("outer");
      co_await gates[0].wait();
      Async<int> kept = inner(gates[1]);
      int by_name = co_await kept;
      int by_value = co_await inner(gates[2]);
      Tracked argument("argument");
      auto with_argument = [](Tracked, Gate& gate) -> Async<> { co_await gate.wait(); };
      co_await with_argument(std::move(argument), gates[3]);
      co_return by_name + by_value;
    }
  };
  std::vector<Gate> gates(4);
  const int points = nara::test::destroy_at_every_suspension(
      [&gates] {
        for (Gate& gate : gates) gate.close();
        return Script::outer(gates);
      },
      [&gates](int pending) { gates.at(static_cast<std::size_t>(pending - 1)).open(); });
  CHECK(points == 4);
  for (Gate& gate : gates) CHECK(gate.waiting() == 0);
}

TEST_CASE("a coroutine may be destroyed by what its own last wake leads to") {
  Gate gate;
  auto async = std::make_unique<Async<>>(nest(3, gate));
  const Waker waker = Waker::noop();
  Context context(waker);
  CHECK(async->poll(context).is_pending());
  auto destroyer = [](Gate& gate, std::unique_ptr<Async<>>& victim) -> Async<> {
    gate.open();
    victim.reset();
    co_return;
  };
  CHECK(by_hand(destroyer(gate, async)).poll().is_ready());
  CHECK(Tracked::alive() == 0);
  Tracked::deaths();
}

TEST_CASE("a value that nobody takes is destroyed with the frame") {
  Gate gate;
  {
    // The child has returned when its caller is destroyed at the next co_await.
    auto child = []() -> Async<Tracked> { co_return Tracked("value"); };
    auto parent = [&child](Gate& gate) -> Async<> {
      const Tracked value = co_await child();
      co_await gate.wait();
    };
    auto async = by_hand(parent(gate));
    CHECK(async.poll().is_pending());
    CHECK(Tracked::alive() == 1);
  }
  CHECK(Tracked::alive() == 0);
  CHECK(Tracked::deaths() == std::vector<std::string>{"value"});
}

TEST_CASE("destroying an Async from inside its own body ends the program, with a sentence") {
  const std::string words = nara::test::last_words([] {
    auto suicidal = [](std::unique_ptr<Async<>>& self) -> Async<> {
      self.reset();
      co_return;
    };
    std::unique_ptr<Async<>> self;
    self = std::make_unique<Async<>>(suicidal(self));
    const Waker waker = Waker::noop();
    Context context(waker);
    (void)self->poll(context);
  });
  CHECK(words.find("an Async was destroyed from inside its own body") != words.npos);
}

TEST_CASE("a destructor that throws while a coroutine is cancelled ends the program") {
  struct Throws {
    ~Throws() noexcept(false) { throw std::runtime_error("thrown by a destructor"); }
  };
  const std::string words = nara::test::last_words([] {
    Gate gate;
    auto body = [](Gate& gate) -> Async<> {
      const Throws local;
      co_await gate.wait();
    };
    auto async = by_hand(body(gate));
    (void)async.poll();
    async.cancel();
  });
  CHECK(words.find("thrown by a destructor") != words.npos);
}
