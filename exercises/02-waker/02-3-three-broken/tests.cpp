// The tests of 02-3. For each future: tasks that get stuck if it is broken, then a closer look.
#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <nara/spawn.hpp>
#include <nara/yield_now.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <thread>
#include <utility>
#include <waits.hpp>

using nara::Async;
using nara::Context;
using nara::Poll;
using nara::test::by_hand;
using nara::test::run;
using nara::test::step;

namespace {

/// Is set by another thread, as soon as somebody has looked for the first time.
class SetAfterTheFirstLook : public Signal {
 public:
  bool is_set() override {
    const bool answer = Signal::is_set();
    if (!std::exchange(has_been_looked_at_, true)) std::thread([this] { set(); }).join();
    return answer;
  }

 private:
  bool has_been_looked_at_ = false;
};

/// A poll is in order when it is ready, or when somebody has been told to poll again.
template <nara::Future F>
bool is_noticed(nara::test::ByHand<F>& wait) {
  return wait.poll().is_ready() || wait.is_woken();
}

Async<> breakfast(Signal& kettle, Signal& toaster) { co_await WaitForBoth(kettle, toaster); }

Async<> bake(Signal& oven) { co_await ThriftyWait(oven); }

Async<> toast(Signal& toaster) { co_await HastyWait(toaster); }

}  // namespace

TEST_CASE("02-3 Three broken futures: WaitForBoth goes on when two signals were set one by one") {
  run([]() -> Async<> {
    Signal kettle;
    Signal toaster;
    step("spawn a task that waits for the kettle and the toaster");
    auto task = nara::spawn(breakfast(kettle, toaster));
    co_await nara::yield_now();
    step("the kettle is ready; the task is polled");
    kettle.set();
    co_await nara::yield_now();
    step("the toaster is ready; the task should end now");
    toaster.set();
    (void)co_await task;
  });
}

TEST_CASE("02-3 Three broken futures: WaitForBoth wakes when it is worth it, and only then") {
  for (const bool in_order : {true, false}) {
    Signal one;
    Signal two;
    auto wait = by_hand(WaitForBoth(one, two));
    step("poll it: pending, and nobody was woken");
    REQUIRE(wait.poll().is_pending());
    REQUIRE_FALSE(wait.is_woken());
    step("set the ", in_order ? "first" : "second", " signal, and poll: pending, and not woken");
    (in_order ? one : two).set();
    REQUIRE(wait.poll().is_pending());
    REQUIRE_FALSE(wait.is_woken());
    step("set the ", in_order ? "second" : "first", " signal: woken; poll: ready");
    (in_order ? two : one).set();
    REQUIRE(wait.is_woken());
    REQUIRE(wait.poll().is_ready());
  }
}

TEST_CASE("02-3 Three broken futures: WaitForBoth notices a signal that is set while it looks") {
  Signal before;
  before.set();
  for (const bool first : {true, false}) {
    SetAfterTheFirstLook racing;
    step("the ", first ? "second" : "first",
         " signal is set; poll, and set the other after the look");
    auto wait = by_hand(first ? WaitForBoth(racing, before) : WaitForBoth(before, racing));
    step("either that poll was ready, or it has been woken");
    REQUIRE(is_noticed(wait));
  }
}

TEST_CASE("02-3 Three broken futures: ThriftyWait goes on in the task that polls it now") {
  run([]() -> Async<> {
    Signal oven;
    Async<> baking = bake(oven);
    step("poll it once, in the first task");
    co_await nara::poll_fn([&baking](Context& context) -> Poll<void> {
      CHECK(baking.poll(context).is_pending());
      return nara::kReady;
    });
    step("let a second task go on with it");
    auto task = nara::spawn(std::move(baking));
    co_await nara::yield_now();
    step("the oven is ready; the second task should end now");
    oven.set();
    (void)co_await task;
  });
}

TEST_CASE("02-3 Three broken futures: ThriftyWait wakes when the signal is set, and only then") {
  Signal signal;
  auto wait = by_hand(ThriftyWait(signal));
  step("poll it twice: pending, and nobody was woken; one waker is kept");
  REQUIRE(wait.poll().is_pending());
  REQUIRE(wait.poll().is_pending());
  REQUIRE(wait.wakes() == 0);
  REQUIRE(wait.wakers_out() == 1);
  step("set the signal: woken; poll: ready");
  signal.set();
  REQUIRE(wait.is_woken());
  REQUIRE(wait.poll().is_ready());
}

TEST_CASE("02-3 Three broken futures: ThriftyWait notices a signal that is set while it looks") {
  SetAfterTheFirstLook racing;
  auto wait = by_hand(ThriftyWait(racing));
  step("poll it, and set the signal after the look: the poll is ready, or it has been woken");
  CHECK(is_noticed(wait));
}

TEST_CASE("02-3 Three broken futures: HastyWait goes on when another thread was faster") {
  run([]() -> Async<> {
    SetAfterTheFirstLook toaster;
    step("wait for a toaster that another thread sets, just after we have looked");
    co_await toast(toaster);
  });
}

TEST_CASE("02-3 Three broken futures: HastyWait wakes when the signal is set, and only then") {
  Signal signal;
  auto wait = by_hand(HastyWait(signal));
  step("poll it: pending, and nobody was woken; one waker is kept");
  REQUIRE(wait.poll().is_pending());
  REQUIRE_FALSE(wait.is_woken());
  REQUIRE(wait.wakers_out() == 1);
  step("set the signal: woken; poll: ready");
  signal.set();
  REQUIRE(wait.is_woken());
  REQUIRE(wait.poll().is_ready());
}

TEST_CASE("02-3 Three broken futures: destroyed while they wait, they leave no waker behind") {
  Signal one;
  Signal two;
  const auto destroy = [](auto wait) {
    REQUIRE(wait.poll().is_pending());
    wait.cancel();
    REQUIRE(wait.wakers_out() == 0);
  };
  step("poll and destroy a WaitForBoth");
  destroy(by_hand(WaitForBoth(one, two)));
  step("poll and destroy a ThriftyWait");
  destroy(by_hand(ThriftyWait(one)));
  step("poll and destroy a HastyWait");
  destroy(by_hand(HastyWait(one)));
}
