// Tests of tasks that go wrong on purpose: what the kit prints about each is checked in
// CMakeLists.txt.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/spawn.hpp>
#include <testkit/gate.hpp>
#include <testkit/runtime.hpp>
#include <thread>

using nara::Async;
using nara::Context;
using nara::JoinHandle;
using nara::kPending;
using nara::Poll;
using nara::Waker;
using nara::test::Gate;
using nara::test::run;
using nara::test::step;

namespace {

/// Pending, but keeps no waker.
struct Delivery {
  using Output = void;
  static constexpr std::string_view kWaitsFor = "Delivery";
  Poll<void> poll(Context&) noexcept { return kPending; }
};

Async<> take_delivery() { co_await Delivery(); }

/// Waits for the other to have gone first.
Async<> after_you(Gate& mine, Gate& yours) {
  co_await yours.wait();
  mine.open();
}

/// A poll that does not come back.
struct Spin {
  using Output = void;
  Poll<void> poll(Context&) noexcept {
    for (std::atomic<bool> is_over = false; !is_over;) continue;
    return kPending;
  }
};

Async<> spin() { co_await Spin(); }

}  // namespace

TEST_CASE("forgets a waker") {
  run([]() -> Async<> {
    step("wait for a delivery");
    JoinHandle<void> handle = nara::spawn(take_delivery());
    (void)co_await handle;
  });
}

TEST_CASE("two wait for each other") {
  run([]() -> Async<> {
    step("let two tasks pass");
    Gate first;
    Gate second;
    JoinHandle<void> one = nara::TaskBuilder().name("one").spawn(after_you(first, second));
    JoinHandle<void> two = nara::TaskBuilder().name("two").spawn(after_you(second, first));
    (void)co_await one;
    (void)co_await two;
  });
}

TEST_CASE("a task spins" * doctest::timeout(0.1)) {
  run([]() -> Async<> {
    step("wait for a task");
    JoinHandle<void> handle = nara::spawn(spin());
    (void)co_await handle;
  });
}
