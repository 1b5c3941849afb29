// What the tasks of a process can be seen doing.
#include <doctest/doctest.h>

#include <chrono>
#include <nara/run_blocking.hpp>
#include <nara/task_dump.hpp>
#include <sstream>
#include <string>
#include <thread>

#include "tasks.hpp"

using namespace std::chrono_literals;

using nara::Async;
using nara::CurrentThread;
using nara::TaskInfo;
using nara::test::Gate;
using nara::test::let_run;

namespace {

std::string dump() {
  std::ostringstream out;
  nara::dump_tasks(out, 5s);
  return out.str();
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

}  // namespace

TEST_CASE("a dump names each task, where it was spawned, where it waits, and for what") {
  Gate gate;
  CurrentThread executor;
  (void)executor.spawn(pass(gate, 1));
  (void)executor.spawn(pass, std::ref(gate), 2);
  executor.block_on(let_run());
  const std::string text = dump();
  CHECK(has(text, "spawned at lessons/02-waker/tests/dump.cpp:"));
  CHECK(has(text, "waits at lessons/02-waker/tests/tasks.hpp:"));
  CHECK(has(text, " in pass: Gate::wait"));
  CHECK(has(text, "wakers out: 1"));
  CHECK(executor.dump().size() == 2);
}

TEST_CASE("a dump shows the whole chain of co_awaits, the innermost first") {
  Gate gate;
  CurrentThread executor;
  const auto outer = [&]() -> Async<> { (void)co_await pass(gate, 1); };
  (void)executor.spawn(outer);
  executor.block_on(let_run());
  const std::vector<TaskInfo> tasks = executor.dump();
  REQUIRE(tasks.size() == 1);
  CHECK(tasks[0].trace.stops.size() == 2);
  CHECK(has(dump(), "called at lessons/02-waker/tests/dump.cpp:"));
}

TEST_CASE("a dump tells running, ready and waiting tasks apart") {
  Gate gate;
  CurrentThread executor;
  executor.block_on([&]() -> Async<> {
    (void)nara::spawn(pass(gate, 1));
    co_await let_run();
    (void)nara::spawn(give(2));
    const std::vector<TaskInfo> tasks = executor.dump();
    REQUIRE(tasks.size() == 3);
    CHECK(tasks[0].state == TaskInfo::State::kRunning);
    CHECK(tasks[1].state == TaskInfo::State::kWaiting);
    CHECK(tasks[1].polls == 1);
    CHECK(tasks[2].state == TaskInfo::State::kReady);
    const std::string text = dump();
    CHECK(has(text, "is running: its poll has not returned"));
    CHECK(has(text, "is ready to go on"));
  });
}

TEST_CASE("another thread may ask for a dump while the executor sleeps") {
  Gate gate;
  CurrentThread executor;
  executor.block_on([&]() -> Async<> {
    (void)nara::spawn(pass(gate, 1));
    const std::string text = co_await nara::run_blocking(dump);
    CHECK(has(text, "waits at lessons/02-waker/tests/dump.cpp:"));
    CHECK(has(text, "run_blocking()"));
    CHECK(has(text, "Gate::wait"));
  });
}

TEST_CASE("an executor in the middle of a poll cannot answer: its task is named") {
  CurrentThread executor;
  executor.block_on([]() -> Async<> {
    std::thread([] {
      std::ostringstream out;
      nara::dump_tasks(out, 1ms);
      CHECK(has(out.str(), "\"block_on\""));
      CHECK(has(out.str(), "is running: its poll has not returned"));
    }).join();
    co_return;
  });
}

TEST_CASE("the park hook is called before an executor goes to sleep, and may look at it") {
  static std::string seen;
  const auto previous = nara::set_park_hook([](const CurrentThread& executor) {
    std::ostringstream out;
    for (const TaskInfo& task : executor.dump()) out << task;
    seen = out.str();
  });
  CurrentThread executor;
  executor.block_on(nara::run_blocking([] {}));
  nara::set_park_hook(previous);
  // The job may have been so quick that there was no need to sleep.
  if (executor.counters().parks > 0) CHECK(has(seen, "waits for run_blocking()"));
}
