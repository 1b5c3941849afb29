// Sets whose tasks run in another runtime, on another thread, or not at all.
#include <doctest/doctest.h>

#include <atomic>
#include <nara/join_set.hpp>
#include <nara/runtime.hpp>
#include <optional>
#include <string>
#include <testkit/worker.hpp>
#include <thread>
#include <utility>

#include "tasks.hpp"

using nara::Async;
using nara::CurrentThread;
using nara::JoinSet;
using nara::Runtime;
using nara::test::Gate;
using nara::test::let_run;
using nara::test::on_every_runtime;
using nara::test::step;
using nara::test::Worker;

namespace {

Async<std::thread::id> thread_here() { co_return std::this_thread::get_id(); }

}  // namespace

TEST_CASE("a set can spawn in another runtime, in whichever form that is given") {
  const auto spawns_on = [](auto&& other, auto& runtime) {
    JoinSet<int> set;
    set.spawn_on(std::forward<decltype(other)>(other), give, 7, 0);
    set.spawn_on(std::forward<decltype(other)>(other), give(8));
    runtime.block_on(let_run(2));
    CHECK(set.try_join_next() == 7);
    CHECK(set.try_join_next() == 8);
  };
  CurrentThread executor;
  spawns_on(executor, executor);
  Runtime runtime = Runtime::create().value();
  spawns_on(runtime, runtime);
  spawns_on(runtime.handle(), runtime);
  step("a handle that has no name");
  spawns_on(nara::Handle(runtime.handle()), runtime);
}

TEST_CASE("a dump says where a task was spawned, also when its set did it") {
  Gate gate;
  CurrentThread executor;
  JoinSet<int> set;
  set.spawn_on(executor, pass(gate, 1));
  executor.block_on([&]() -> Async<> {
    set.spawn(pass(gate, 2));
    co_await let_run();
  });
  for (const nara::TaskInfo& task : executor.dump()) {
    CHECK(std::string(task.spawned_at.file_name()).ends_with("tests/join_set_elsewhere.cpp"));
  }
}

TEST_CASE("tasks of a set run where they were spawned, and whoever waits is woken from there") {
  Worker worker;
  on_every_runtime([&](auto& runtime) {
    runtime.block_on([&]() -> Async<> {
      JoinSet<std::thread::id> set;
      for (int i = 0; i < 10; ++i) set.spawn_on(worker.executor(), thread_here());
      set.spawn(thread_here());
      int here = 0;
      while (!set.empty()) {
        const auto ended = co_await set.join_next();
        if (ended->value() == std::this_thread::get_id()) ++here;
      }
      CHECK(here == 1);
    });
  });
}

TEST_CASE("a set can shut down tasks that run on another thread") {
  Worker worker;
  on_every_runtime([&](auto& runtime) {
    std::atomic<int> alive = 0;
    struct Count {
      explicit Count(std::atomic<int>& number) : alive(number) { ++alive; }
      ~Count() { --alive; }
      std::atomic<int>& alive;
    };
    const auto work = [&]() -> Async<> {
      const Count count(alive);
      co_await nara::pending();
    };
    runtime.block_on([&]() -> Async<> {
      JoinSet<void> set;
      for (int i = 0; i < 10; ++i) set.spawn_on(worker.executor(), work);
      co_await set.shutdown();
      CHECK(alive == 0);
    });
  });
}

TEST_CASE("what a set spawns on an executor that is closed is cancelled at once") {
  CurrentThread executor;
  executor.close();
  JoinSet<int> set;
  const nara::AbortHandle task = set.spawn_on(executor, give(1));
  CHECK(task.is_finished());
  CHECK(set.size() == 1);
  const auto ended = set.try_join_next();
  REQUIRE(ended.has_value());
  CHECK(ended->error().is_cancelled());
  CHECK(ended->error().id() == task.id());
}

TEST_CASE(
    "when the executor of a set's tasks goes, whoever waits is told that they are cancelled") {
  Gate gate;
  JoinSet<int> set;
  std::optional<CurrentThread> executor(std::in_place);
  for (int i = 0; i < 2; ++i) set.spawn_on(*executor, pass(gate, i));
  auto next = nara::test::by_hand(set.join_next());
  CHECK(next.poll().is_pending());
  executor.reset();
  CHECK(next.is_woken());
  CHECK(next.poll().value()->error().is_cancelled());
  CHECK(set.try_join_next()->error().is_cancelled());
  CHECK(set.empty());
}

TEST_CASE("a set may wait on one thread, and later on another") {
  Worker worker;
  JoinSet<int> set;
  for (int i = 0; i < 20; ++i) set.spawn_on(worker.executor(), give(i, i));
  const auto take_ten = [&]() -> Async<int> {
    int taken = 0;
    for (int i = 0; i < 10; ++i) {
      const auto ended = co_await set.join_next();
      if (ended) ++taken;
    }
    co_return taken;
  };
  CHECK(nara::block_on(take_ten) == 10);
  int taken = 0;
  std::thread([&] { taken = nara::block_on(take_ten); }).join();
  CHECK(taken == 10);
  CHECK(set.empty());
}
