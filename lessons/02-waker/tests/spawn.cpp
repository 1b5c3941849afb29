// The forms of spawn(), what a task keeps alive, and where it may be called.
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <nara/spawn.hpp>
#include <string>
#include <testkit/cost.hpp>
#include <thread>
#include <vector>

#include "tasks.hpp"

using nara::Async;
using nara::CurrentThread;
using nara::JoinHandle;
using nara::Misuse;
using nara::spawn;
using nara::TaskResult;
using nara::test::Gate;
using nara::test::let_run;
using nara::test::run;
using nara::test::step;
using nara::test::Tracked;

TEST_CASE("a coroutine is spawned as what it is: a future") {
  run([]() -> Async<> {
    JoinHandle<int> handle = spawn(give(7));
    const TaskResult<int> result = co_await handle;
    CHECK(result == 7);
  });
}

TEST_CASE("any future can be spawned, and needs no coroutine") {
  run([]() -> Async<> {
    JoinHandle<int> ready = spawn(nara::ready(7));
    const TaskResult<int> result = co_await ready;
    CHECK(result == 7);
    JoinHandle<std::string> asked = spawn(nara::lazy([] { return std::string("late"); }));
    const TaskResult<std::string> answer = co_await asked;
    CHECK(answer == "late");
  });
}

TEST_CASE("a lambda that is spawned lives in its task, with all that it has captured") {
  run([]() -> Async<> {
    Gate gate;
    JoinHandle<int> handle = [&] {
      const auto number = std::make_unique<int>(7);
      return spawn([copy = *number, &gate]() -> Async<int> {
        co_await gate.wait();
        co_return copy;
      });
    }();
    co_await let_run();
    gate.open();
    const TaskResult<int> result = co_await handle;
    CHECK(result == 7);
  });
}

TEST_CASE("a named lambda is copied into its task") {
  run([]() -> Async<> {
    JoinHandle<std::size_t> handle = [] {
      const std::vector<int> numbers = {1, 2, 3};
      const auto count = [numbers]() -> Async<std::size_t> {
        co_await nara::yield_now();
        co_return numbers.size();
      };
      return spawn(count);
    }();
    const TaskResult<std::size_t> result = co_await handle;
    CHECK(result == 3);
  });
}

TEST_CASE("arguments are copied or moved into the task, so that no reference dangles") {
  const auto join = [](const std::string& left, std::string right,
                       std::unique_ptr<int> number) -> Async<std::string> {
    co_await nara::yield_now();
    co_return left + right + std::to_string(*number);
  };
  run([&]() -> Async<> {
    JoinHandle<std::string> handle = [&] {
      const std::string left = "a long string that is not kept in place: ";
      return spawn(join, left, "right", std::make_unique<int>(7));
    }();
    const TaskResult<std::string> result = co_await handle;
    CHECK(result == "a long string that is not kept in place: right7");
  });
}

TEST_CASE("a reference that is meant is handed over as a pointer or a reference_wrapper") {
  const auto set = [](std::reference_wrapper<int> number) -> Async<> {
    number.get() = 7;
    co_return;
  };
  int number = 0;
  run([&]() -> Async<> {
    JoinHandle<void> handle = spawn(set, std::ref(number));
    (void)co_await handle;
  });
  CHECK(number == 7);
}

TEST_CASE("nothing of a task runs before the one that has spawned it waits") {
  run([]() -> Async<> {
    bool has_run = false;
    JoinHandle<void> handle = spawn([&]() -> Async<> {
      has_run = true;
      co_return;
    });
    CHECK_FALSE(has_run);
    (void)co_await handle;
    CHECK(has_run);
  });
}

TEST_CASE("tasks spawn tasks") {
  const auto outer = []() -> Async<int> {
    JoinHandle<int> inner = spawn(give(7));
    const TaskResult<int> result = co_await inner;
    co_return *result;
  };
  run([&]() -> Async<> {
    JoinHandle<int> handle = spawn(outer);
    const TaskResult<int> result = co_await handle;
    CHECK(result == 7);
  });
}

TEST_CASE("spawn without a runtime is a misuse, and leaks nothing") {
  CHECK_THROWS_WITH_AS((void)spawn(keep(Tracked())),
                       "spawn() needs a runtime on this thread: call it in a task, or keep a guard "
                       "of enter()",
                       Misuse);
  CHECK_THROWS_AS((void)spawn(keep, Tracked()), Misuse);
  CHECK(Tracked::alive() == 0);
}

TEST_CASE("a thread that keeps the guard of enter() may spawn, and then no more") {
  CurrentThread executor;
  {
    const auto inside = executor.enter();
    (void)spawn(give(7));
  }
  CHECK_THROWS_AS((void)spawn(give(7)), Misuse);
  CHECK(executor.counters().spawned == 0);  // It is in the inbox until somebody runs the executor.
  executor.block_on(let_run());
  CHECK(executor.counters().spawned == 2);
}

TEST_CASE("another thread may spawn into an executor that is asleep") {
  Gate gate;
  CurrentThread executor;
  std::thread other;
  executor.block_on([&]() -> Async<> {
    other = std::thread([&] {
      (void)executor.spawn([&]() -> Async<> {
        gate.open();
        co_return;
      });
    });
    co_await gate.wait();
  });
  other.join();
}

TEST_CASE("guards of enter() may end in any order") {
  CurrentThread first;
  CurrentThread second;
  std::optional<nara::Current> outer;
  std::optional<nara::Current> inner;
  const nara::Services services{};
  outer.emplace(services);
  inner.emplace(services);
  step("end the outer one first");
  outer.reset();
  CHECK(nara::Current::get() == &*inner);
  inner.reset();
  CHECK(nara::Current::get() == nullptr);
}

TEST_CASE("a guard that is kept across a co_await ends its task, and the executor goes on") {
  CurrentThread other;
  run([&]() -> Async<> {
    JoinHandle<void> bad = spawn([&]() -> Async<> {
      const auto inside = other.enter();
      co_await nara::yield_now();
    });
    TaskResult<void> result = co_await bad;
    REQUIRE(result.error().is_panic());
    CHECK_THROWS_AS(std::rethrow_exception(std::move(result).error().into_panic()), Misuse);
    step("spawn() goes to the executor that runs this");
    JoinHandle<int> good = spawn(give(7));
    const TaskResult<int> number = co_await good;
    CHECK(number == 7);
  });
}

TEST_CASE("a guard that is kept outside of its task harms only the one that has made it") {
  CurrentThread other;
  std::optional<nara::Current> kept;
  const nara::Services services{};
  run([&]() -> Async<> {
    JoinHandle<void> bad = spawn([&]() -> Async<> {
      kept.emplace(services);
      co_await nara::yield_now();
    });
    JoinHandle<int> good = spawn(give(7));
    const TaskResult<void> result = co_await bad;
    CHECK(result.error().is_panic());
    const TaskResult<int> number = co_await good;
    CHECK(number == 7);
    kept.reset();
  });
  CHECK(nara::Current::get() == nullptr);
}

TEST_CASE("what the function throws comes out of spawn, and there is no task") {
  const auto refuses = [](Tracked) -> nara::Ready<int> { throw std::runtime_error("not today"); };
  CurrentThread executor;
  executor.block_on([&]() -> Async<> {
    CHECK_THROWS_WITH_AS((void)spawn(refuses, Tracked()), "not today", std::runtime_error);
    co_return;
  });
  CHECK(Tracked::alive() == 0);
  CHECK(executor.counters().spawned == 1);
}

TEST_CASE("without memory spawn throws, and the runtime is as it was") {
  if (!nara::test::kSeesAllocations) return;
  // Larger than what is recycled.
  const auto large = [](std::array<char, 1000> block) -> Async<char> { co_return block[0]; };
  CurrentThread executor;
  executor.block_on([&]() -> Async<> {
    step("spawn a coroutine without memory for the task");
    Async<char> coroutine = large({});
    {
      const nara::test::NoMemory none;
      CHECK_THROWS_AS((void)spawn(large, std::array<char, 1000>{}), std::bad_alloc);
    }
    step("spawn with memory");
    JoinHandle<char> handle = spawn(std::move(coroutine));
    const TaskResult<char> result = co_await handle;
    CHECK(result == '\0');
  });
  CHECK(executor.counters().spawned == 2);
}

TEST_CASE("a task has the name that it was given") {
  Gate gate;
  CurrentThread executor;
  executor.block_on([&]() -> Async<> {
    (void)nara::TaskBuilder().name("writer").spawn(pass(gate, 1));
    co_return;
  });
  REQUIRE(executor.dump().size() == 1);
  CHECK(executor.dump()[0].name == "writer");
}

TEST_CASE("each task has an id of its own, which its handle knows") {
  const auto tell = []() -> Async<nara::TaskId> { co_return nara::current_task_id(); };
  run([&]() -> Async<> {
    JoinHandle<nara::TaskId> first = spawn(tell);
    JoinHandle<nara::TaskId> second = spawn(tell);
    CHECK(first.id() != second.id());
    const nara::TaskId expected_first = first.id();
    const nara::TaskId expected_second = second.id();
    const TaskResult<nara::TaskId> of_first = co_await first;
    const TaskResult<nara::TaskId> of_second = co_await second;
    CHECK(*of_first == expected_first);
    CHECK(*of_second == expected_second);
  });
}

TEST_CASE("there is no current task outside of tasks") {
  CHECK_THROWS_AS((void)nara::current_task_id(), Misuse);
  CurrentThread executor;
  const auto inside = executor.enter();
  CHECK_THROWS_AS((void)nara::current_task_id(), Misuse);
}
