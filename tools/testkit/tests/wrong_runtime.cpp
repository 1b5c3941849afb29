// Tasks that do not go on, on purpose: what is printed about each is checked in CMakeLists.txt.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/run_blocking.hpp>
#include <nara/spawn.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <span>
#include <testkit/by_hand.hpp>
#include <testkit/gate.hpp>
#include <testkit/mock_stream.hpp>
#include <testkit/runtime.hpp>
#include <thread>

using nara::Async;
using nara::Context;
using nara::JoinHandle;
using nara::kPending;
using nara::Poll;
using nara::Waker;
using nara::test::by_hand;
using nara::test::Gate;
using nara::test::MockStream;
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

/// Waits until the other has gone first.
Async<> after_you(Gate& mine, Gate& yours) {
  co_await yours.wait();
  mine.open();
}

/// Has a poll that does not come back.
struct Spin {
  using Output = void;
  Poll<void> poll(Context&) noexcept {
    for (std::atomic<bool> is_over = false; !is_over;) continue;
    return kPending;
  }
};

Async<> spin() { co_await Spin(); }

Async<int> read_freed_memory() {
  auto memory = std::make_unique<int>(1);
  const int* const freed = memory.get();
  memory.reset();
  co_return *freed;
}

Async<> leave() {
  std::exit(0);
  co_return;
}

}  // namespace

TEST_CASE("forgets a waker") {
  run([]() -> Async<> {
    step("wait for a delivery");
    JoinHandle<void> handle = nara::spawn(take_delivery());
    (void)co_await handle;
  });
}

TEST_CASE("loses a waker") {
  run([]() -> Async<> {
    auto kept = std::make_unique<Waker>(Waker::noop());
    JoinHandle<void> handle = nara::spawn(nara::poll_fn([&kept](Context& context) -> Poll<void> {
      kept->clone_from(context.waker());
      return kPending;
    }));
    co_await nara::yield_now();
    step("throw the waker away");
    kept.reset();
    (void)co_await handle;
  });
}

TEST_CASE("two wait for each other") {
  run([]() -> Async<> {
    step("let two tasks pass");
    Gate first;
    Gate second;
    nara::TaskBuilder builder;
    JoinHandle<void> one = builder.name("one").spawn(after_you(first, second));
    JoinHandle<void> two = builder.name("two").spawn(after_you(second, first));
    (void)co_await one;
    (void)co_await two;
  });
}

TEST_CASE("waits for what wakes nobody") {
  step("wait");
  Waker kept = Waker::noop();
  nara::block_on(nara::poll_fn([&kept](Context& context) -> Poll<void> {
    kept.clone_from(context.waker());
    return kPending;
  }));
}

TEST_CASE("waits for ever") {
  run([]() -> Async<> { co_await nara::pending(); });
}

TEST_CASE("waits when the last thread has gone") {
  run([]() -> Async<> {
    co_await nara::run_blocking([] {});
    co_await nara::pending();
  });
}

TEST_CASE("waits on a thread of its own" * doctest::timeout(0.3)) {
  std::thread([] { run([]() -> Async<> { co_await nara::pending(); }); }).join();
}

TEST_CASE("writes what the script does not say") {
  MockStream stream;
  stream.will_expect("hello");
  step("say goodbye, where hello is expected");
  (void)by_hand(stream.write(std::as_bytes(std::span("bye", 3)))).poll();
}

TEST_CASE("leaves a script unfinished") {
  MockStream stream;
  stream.will_read("hello");
  step("read three of five bytes");
  std::array<std::byte, 3> room{};
  (void)by_hand(stream.read(room)).poll();
  step("leave");
}

TEST_CASE("waits while another thread lives" * doctest::timeout(0.3)) {
  run([]() -> Async<> {
    step("wait for that thread");
    co_await nara::run_blocking([] { std::promise<void>().get_future().wait(); });
  });
}

TEST_CASE("waits for a driver" * doctest::timeout(0.3)) {
  // Like a thread's own parker, but does not say that only a thread can end its sleep.
  struct Driver final : nara::Park {
    bool park(Deadline deadline) override { return parker.park(deadline); }
    void unpark() noexcept override { parker.unpark(); }
    nara::ThreadParker parker;
  };
  nara::CurrentThread executor(std::make_unique<Driver>());
  executor.block_on([]() -> Async<> { co_await nara::pending(); });
}

TEST_CASE("a task spins" * doctest::timeout(0.1)) {
  run([]() -> Async<> {
    step("wait for a task");
    JoinHandle<void> handle = nara::spawn(spin());
    (void)co_await handle;
  });
}

TEST_CASE("touches freed memory in a task") {
  run([]() -> Async<> {
    step("spawn a task that reads freed memory");
    JoinHandle<int> handle = nara::spawn(read_freed_memory());
    (void)co_await handle;
  });
}

TEST_CASE("a task ends the program") {
  run([]() -> Async<> {
    step("let a task call exit");
    JoinHandle<void> handle = nara::spawn(leave());
    (void)co_await handle;
  });
}
