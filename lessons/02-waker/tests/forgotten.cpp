// Tasks that nobody can wake any more are found, once, and described.
#include <doctest/doctest.h>

#include <nara/current_thread.hpp>
#include <nara/task_info.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tasks.hpp"

using nara::Async;
using nara::Context;
using nara::CurrentThread;
using nara::JoinHandle;
using nara::kPending;
using nara::Poll;
using nara::TaskInfo;
using nara::Waker;
using nara::test::ForgottenTasks;
using nara::test::Gate;
using nara::test::let_run;
using nara::test::step;

namespace {

/// Pending without keeping the waker: the mistake that everybody makes.
struct Forgets {
  using Output = void;
  static constexpr std::string_view kWaitsFor = "something";
  Poll<void> poll(Context&) noexcept { return kPending; }
};

/// Pending, with its waker kept outside.
struct Keeps {
  using Output = void;
  Waker& waker;
  Poll<void> poll(Context& context) noexcept {
    waker.clone_from(context.waker());
    return kPending;
  }
};

Async<> wait_for(auto future) { co_await future; }

std::string text_of(const TaskInfo& task) {
  std::ostringstream out;
  out << task;
  return out.str();
}

}  // namespace

TEST_CASE(
    "a future that is pending without keeping the waker is reported at once, with its place") {
  const ForgottenTasks forgotten;
  CurrentThread executor;
  JoinHandle<void> handle = executor.spawn(wait_for(Forgets{}));
  executor.block_on(let_run(3));
  REQUIRE(forgotten.tasks().size() == 1);
  CHECK(forgotten.tasks()[0].id == handle.id());
  CHECK(forgotten.tasks()[0].wakers == 0);
  const std::string text = text_of(forgotten.tasks()[0]);
  CHECK(text.find("forgotten.cpp:") != text.npos);
  CHECK(text.find(" in wait_for: something") != text.npos);
  CHECK(text.find("nobody holds this task's waker: the future that returned pending forgot to "
                  "store it") != text.npos);
}

TEST_CASE("a task whose last waker goes without a wake is reported by its executor") {
  const ForgottenTasks forgotten;
  Waker waker = Waker::noop();
  CurrentThread executor;
  (void)executor.spawn(Keeps{waker});
  executor.block_on(let_run(2));
  CHECK(forgotten.tasks().empty());
  step("drop the only waker");
  waker = Waker::noop();
  executor.block_on(let_run(2));
  REQUIRE(forgotten.tasks().size() == 1);
  CHECK(text_of(forgotten.tasks()[0]).find("the last one was destroyed without a wake") !=
        std::string::npos);
}

TEST_CASE(
    "it is reported on the thread of the executor, also when another thread drops the waker") {
  const ForgottenTasks forgotten;
  static std::thread::id reporter;
  nara::set_forgotten_hook([](const TaskInfo&) { reporter = std::this_thread::get_id(); });
  Waker waker = Waker::noop();
  CurrentThread executor;
  (void)executor.spawn(Keeps{waker});
  executor.block_on(let_run());
  std::thread([mine = std::move(waker)] {}).join();
  executor.block_on(let_run());
  CHECK(reporter == std::this_thread::get_id());
}

TEST_CASE("a task is reported once") {
  const ForgottenTasks forgotten;
  Waker waker = Waker::noop();
  CurrentThread executor;
  (void)executor.spawn(Keeps{waker});
  for (int round = 0; round < 3; ++round) {
    executor.block_on(let_run());
    std::exchange(waker, Waker::noop()).wake_by_ref();
    executor.block_on(let_run());
    waker = Waker::noop();
  }
  executor.block_on(let_run());
  CHECK(forgotten.tasks().size() == 1);
}

TEST_CASE("a task that waits for pending() is not reported: nobody is meant to wake it") {
  const ForgottenTasks forgotten;
  CurrentThread executor;
  (void)executor.spawn(nara::pending());
  (void)executor.spawn(wait_for(nara::pending()));
  executor.block_on(let_run(2));
  CHECK(forgotten.tasks().empty());
}

TEST_CASE("tasks that yield, are woken, or are joined are not reported") {
  const ForgottenTasks forgotten;
  CurrentThread executor;
  executor.block_on([]() -> Async<> {
    Gate gate;
    JoinHandle<int> handle = nara::spawn(pass(gate, 7));
    co_await let_run(2);
    gate.open();
    (void)co_await handle;
  });
  CHECK(forgotten.tasks().empty());
}

TEST_CASE("a forgotten task can still be aborted, and goes with its executor") {
  const ForgottenTasks forgotten;
  CurrentThread executor;
  JoinHandle<void> handle = executor.spawn(wait_for(Forgets{}));
  (void)executor.spawn(wait_for(Forgets{}));
  executor.block_on(let_run(2));
  handle.abort();
  const nara::TaskResult<void> result = executor.block_on(std::move(handle));
  CHECK(result.error().is_cancelled());
}

TEST_CASE("what an executor destroys when it goes is not reported") {
  const ForgottenTasks forgotten;
  {
    Gate gate;
    CurrentThread executor;
    (void)executor.spawn(pass(gate, 1));
    executor.block_on(let_run());
  }
  CHECK(forgotten.tasks().empty());
}
