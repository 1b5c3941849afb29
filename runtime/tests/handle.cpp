// A runtime from outside: spawning into it, and being inside of it.
#include <doctest/doctest.h>

#include <memory>
#include <nara/async.hpp>
#include <nara/misuse.hpp>
#include <nara/runtime.hpp>
#include <nara/time/sleep.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <testkit/by_hand.hpp>
#include <testkit/steps.hpp>
#include <thread>

#include "io.hpp"

using namespace std::chrono_literals;

using nara::Async;
using nara::Current;
using nara::Handle;
using nara::JoinHandle;
using nara::Misuse;
using nara::Runtime;
using nara::test::by_hand;
using nara::test::step;
using nara::test::Tracked;

namespace {

/// Puts the number into the place, and gives it.
Async<int> put(int& place, int number) {
  place = number;
  co_return number;
}

Async<> wait_for(Bell bell) { (void)co_await bell.readable(); }

}  // namespace

TEST_CASE("a handle spawns from any thread, with arguments or without") {
  Runtime runtime = Runtime::create().value();
  std::optional<JoinHandle<int>> plain;
  std::optional<JoinHandle<int>> with_argument;
  int place = 0;
  std::thread([&, handle = runtime.handle()] {
    plain.emplace(handle.spawn(nara::ready(7)));
    with_argument.emplace(handle.spawn(put, std::ref(place), 8));
  }).join();
  CHECK(place == 0);
  CHECK(runtime.block_on(*plain) == 7);
  CHECK(runtime.block_on(*with_argument) == 8);
  CHECK(place == 8);
}

TEST_CASE("a handle that is kept after its runtime is gone cancels what it is given") {
  std::optional<Handle> handle;
  {
    const Runtime runtime = Runtime::create().value();
    handle = runtime.handle();
  }
  bool has_run = false;
  JoinHandle<void> task = handle->spawn([&, kept = Tracked()]() -> Async<> {
    has_run = true;
    co_return;
  });
  CHECK(task.is_finished());
  CHECK(Tracked::alive() == 0);
  auto future = by_hand(std::move(task));
  CHECK(future.poll().value().error().is_cancelled());
  CHECK_FALSE(has_run);
}

TEST_CASE(
    "inside of a runtime that is gone, to sleep is a misuse and to wait for a bell an error") {
  std::optional<Handle> handle;
  {
    const Runtime runtime = Runtime::create().value();
    handle = runtime.handle();
  }
  const Current inside = handle->enter();
  auto sleep = by_hand(nara::time::sleep(1h));
  CHECK_THROWS_WITH_AS((void)sleep.poll(), doctest::Contains("shut down"), Misuse);
  const auto bell = Bell::try_new(nara::sys::eventfd().value());
  REQUIRE_FALSE(bell.has_value());
  CHECK(nara::io::is_shutdown(bell.error().cause));
}

TEST_CASE("Handle::current is the handle of the runtime that runs the task") {
  Runtime runtime = Runtime::create().value();
  int place = 0;
  runtime.block_on([&]() -> Async<> {
    JoinHandle<int> task = Handle::current().spawn(put, std::ref(place), 7);
    const auto number = co_await task;
    CHECK(number == 7);
  });
  CHECK(place == 7);
}

TEST_CASE("Handle::current without a runtime, or in a bare executor, is a misuse") {
  CHECK_THROWS_WITH_AS((void)Handle::current(), doctest::Contains("needs a runtime"), Misuse);
  nara::CurrentThread executor;
  const Current inside = executor.enter();
  CHECK_THROWS_WITH_AS((void)Handle::current(), doctest::Contains("Runtime::Builder"), Misuse);
}

TEST_CASE("on a plain thread, all that is made inside of a runtime belongs to it") {
  Runtime runtime = Runtime::Builder::current_thread().enable_all().start_paused().build().value();
  std::optional<JoinHandle<void>> sleeper;
  std::optional<JoinHandle<void>> reader;
  std::thread([&] {
    CHECK_THROWS_AS((void)nara::spawn(nara::ready(7)), Misuse);
    {
      const Current inside = runtime.enter();
      sleeper.emplace(nara::spawn(nara::time::sleep(24h)));
      reader.emplace(nara::spawn(wait_for(make_bell())));
    }
    step("after the guard there is no runtime again");
    CHECK_THROWS_AS((void)nara::spawn(nara::ready(7)), Misuse);
    CHECK_THROWS_AS((void)nara::time::sleep(1ms), Misuse);
    CHECK_THROWS_AS((void)make_bell(), Misuse);
  }).join();
  runtime.block_on([&]() -> Async<> {
    const auto slept = co_await *sleeper;
    CHECK(slept.has_value());
    CHECK_FALSE(reader->is_finished());
  });
}

TEST_CASE("a guard of another runtime covers the first, and uncovers it at its end") {
  Runtime outer = Runtime::create().value();
  Runtime inner = Runtime::create().value();
  int place = 0;
  {
    const Current in_outer = outer.enter();
    {
      const Current in_inner = inner.enter();
      (void)nara::spawn(put, std::ref(place), 2);
    }
    (void)nara::spawn(put, std::ref(place), 1);
  }
  const auto nothing = []() -> Async<> { co_await nara::yield_now(); };
  outer.block_on(nothing);
  CHECK(place == 1);
  inner.block_on(nothing);
  CHECK(place == 2);
}

TEST_CASE("a runtime may be moved: its handles and tasks stay with it") {
  Runtime first = Runtime::create().value();
  const Handle handle = first.handle();
  JoinHandle<int> before = first.spawn(nara::ready(7));
  Runtime second = std::move(first);
  JoinHandle<int> after = handle.spawn(nara::ready(8));
  CHECK(second.block_on(before) == 7);
  CHECK(second.block_on(after) == 8);
}

TEST_CASE("to use a runtime that was moved from, or shut down, is a misuse, and so with a handle") {
  const doctest::Contains says("was moved from, or shut down");
  Runtime first = Runtime::create().value();
  Runtime second = std::move(first);
  CHECK_THROWS_WITH_AS(first.block_on(nara::ready(7)), says, Misuse);
  CHECK_THROWS_WITH_AS((void)first.spawn(nara::ready(7)), says, Misuse);
  CHECK_THROWS_WITH_AS((void)first.enter(), says, Misuse);
  CHECK_THROWS_WITH_AS(std::move(first).shutdown_timeout(1s), says, Misuse);
  Handle handle = second.handle();
  const Handle other = std::move(handle);
  CHECK_THROWS_WITH_AS((void)handle.spawn(nara::ready(7)), says, Misuse);
  std::move(second).shutdown_background();
  CHECK_THROWS_WITH_AS(second.block_on(nara::ready(7)), says, Misuse);
}

TEST_CASE("a task may keep a handle of its own runtime: both are destroyed all the same") {
  {
    Runtime runtime = Runtime::create().value();
    (void)runtime.spawn(
        [handle = runtime.handle(), kept = Tracked()]() -> Async<> { co_await nara::pending(); });
    runtime.block_on(nara::yield_now());
    CHECK(Tracked::alive() == 1);
  }
  CHECK(Tracked::alive() == 0);
}
