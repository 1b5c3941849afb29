// One coroutine: when it runs, what comes out of it, and what is a misuse.
#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <new>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/cost.hpp>
#include <testkit/gate.hpp>
#include <vector>

#include "coroutines.hpp"

using nara::Async;
using nara::Context;
using nara::Misuse;
using nara::Poll;
using nara::Waker;
using nara::test::by_hand;
using nara::test::Gate;
using nara::test::step;
using nara::test::Tracked;

static_assert(nara::Future<Async<int>>);
static_assert(nara::Future<Async<>>);
static_assert(!std::is_copy_constructible_v<Async<int>>);
static_assert(std::is_nothrow_move_constructible_v<Async<int>>);

namespace {

Async<int> answer() { co_return 42; }

Async<> note(std::vector<std::string>& notes, std::string text) {
  notes.push_back(std::move(text));
  co_return;
}

}  // namespace

TEST_CASE("a coroutine that waits for nothing is ready at the first poll") {
  auto async = by_hand(answer());
  CHECK(async.poll().value() == 42);
}

TEST_CASE("calling a coroutine runs nothing, polling it does") {
  std::vector<std::string> notes;
  auto async = by_hand(note(notes, "ran"));
  CHECK(notes.empty());
  CHECK(async.poll().is_ready());
  CHECK(notes == std::vector<std::string>{"ran"});
}

TEST_CASE("a coroutine that waits is pending, is woken, and goes on where it was") {
  Gate gate;
  auto async = by_hand(wait_then(gate, 7));
  step("poll it: the gate is closed");
  CHECK(async.poll().is_pending());
  CHECK(async.wakers_out() == 1);
  CHECK_FALSE(async.is_woken());
  step("open the gate: it is woken");
  gate.open();
  CHECK(async.is_woken());
  step("poll it again");
  CHECK(async.poll().value() == 7);
  CHECK(async.wakers_out() == 0);
}

TEST_CASE("a poll that nobody asked for changes nothing") {
  Gate gate;
  auto async = by_hand(wait_then(gate, 7));
  for (int polls = 0; polls < 3; ++polls) CHECK(async.poll().is_pending());
  CHECK(gate.waiting() == 1);
  gate.open();
  CHECK(async.wakes() == 1);
  CHECK(async.poll().value() == 7);
}

TEST_CASE("after it was polled with another waker, the coroutine wakes the newer one") {
  Gate gate;
  Async<int> async = wait_then(gate, 7);
  nara::test::WakeCounter first;
  nara::test::WakeCounter second;
  for (nara::test::WakeCounter* counter : {&first, &second}) {
    const Waker waker = counter->waker();
    Context context(waker);
    CHECK(async.poll(context).is_pending());
  }
  gate.open();
  CHECK(first.wakes() == 0);
  CHECK(second.wakes() == 1);
}

TEST_CASE("an Async that was never polled destroys its arguments once, and its body never ran") {
  bool ran = false;
  {
    auto body = [](Tracked, bool& ran) -> Async<> {
      ran = true;
      co_return;
    };
    const Async<> async = body(Tracked("argument"), ran);
    CHECK(Tracked::alive() == 1);
  }
  CHECK(Tracked::alive() == 0);
  CHECK(Tracked::deaths() == std::vector<std::string>{"argument"});
  CHECK_FALSE(ran);
}

TEST_CASE("the frame is gone when the value has been given") {
  auto body = [](Tracked argument) -> Async<std::string> { co_return argument.name(); };
  Async<std::string> async = body(Tracked("argument"));
  const Waker waker = Waker::noop();
  Context context(waker);
  CHECK(async.poll(context).value() == "argument");
  CHECK(Tracked::alive() == 0);
  Tracked::deaths();
}

TEST_CASE("an Async can be moved before its first poll, between polls, and after") {
  Gate gate;
  Async<int> before = wait_then(gate, 7);
  std::vector<Async<int>> started;
  started.push_back(std::move(before));
  const Waker waker = Waker::noop();
  Context context(waker);
  CHECK(started.back().poll(context).is_pending());
  Async<int> between = std::move(started.back());
  started.clear();
  gate.open();
  CHECK(between.poll(context).value() == 7);
  const Async<int> after = std::move(between);
}

TEST_CASE("assigning to an Async cancels what it held") {
  Gate gate;
  Async<int> async = wait_then(gate, 1);
  const Waker waker = Waker::noop();
  Context context(waker);
  CHECK(async.poll(context).is_pending());
  CHECK(gate.waiting() == 1);
  async = answer();
  CHECK(gate.waiting() == 0);
  CHECK(async.poll(context).value() == 42);
}

TEST_CASE("polling an Async after its end is a misuse") {
  auto async = by_hand(answer());
  CHECK(async.poll().is_ready());
  CHECK_THROWS_AS((void)async.poll(), Misuse);
}

TEST_CASE("polling an Async that was moved from is a misuse") {
  Async<int> from = answer();
  const Async<int> to = std::move(from);
  const Waker waker = Waker::noop();
  Context context(waker);
  CHECK_THROWS_AS((void)from.poll(context), Misuse);
}

TEST_CASE("polling an Async from inside its own body is a misuse") {
  struct Self {
    static Async<bool> body(Async<bool>*& self) {
      bool refused = false;
      co_await nara::poll_fn([&](Context& context) -> Poll<void> {
        try {
          (void)self->poll(context);
        } catch (const Misuse&) {
          refused = true;
        }
        return nara::kReady;
      });
      co_return refused;
    }
  };
  Async<bool>* self = nullptr;
  Async<bool> async = Self::body(self);
  self = &async;
  const Waker waker = Waker::noop();
  Context context(waker);
  CHECK(async.poll(context).value());
}

TEST_CASE("a frame that gets no memory throws at the call, and nothing has changed") {
  if (!nara::test::kSeesAllocations) return;
  std::vector<std::string> events;
  auto parent = [](std::vector<std::string>& events) -> Async<> {
    try {
      const nara::test::NoMemory no_memory;
      int value = co_await answer();
      events.push_back("not here, " + std::to_string(value));
    } catch (const std::bad_alloc&) {
      events.push_back("no memory for the nested call");
    }
    int value = co_await answer();
    events.push_back("later " + std::to_string(value));
  };
  auto async = by_hand(parent(events));
  CHECK(async.poll().is_ready());
  CHECK(events == std::vector<std::string>{"no memory for the nested call", "later 42"});
}
