// A handle that takes its task with it.
#include <doctest/doctest.h>

#include <nara/abort_on_drop.hpp>
#include <nara/select.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tasks.hpp"

using nara::AbortOnDrop;
using nara::Async;
using nara::JoinHandle;
using nara::ready;
using nara::spawn;
using nara::TaskResult;
using nara::test::Gate;
using nara::test::let_run;
using nara::test::run;
using nara::test::Tracked;

TEST_CASE("when an abort-on-drop handle is destroyed, its task is aborted") {
  run([]() -> Async<> {
    Gate gate;
    {
      const AbortOnDrop handle(spawn(pass(gate, 1)));
      co_await let_run();
      CHECK(Tracked::alive() == 1);
    }
    co_await let_run();
    CHECK(Tracked::alive() == 0);
  });
}

TEST_CASE("a task whose abort-on-drop handle was detached runs on, when that is destroyed") {
  run([]() -> Async<> {
    Gate gate;
    bool is_done = false;
    const auto work = [&]() -> Async<> {
      co_await gate.wait();
      is_done = true;
    };
    {
      const JoinHandle<void> handle = AbortOnDrop(spawn(work)).detach();
    }
    co_await let_run();
    gate.open();
    co_await let_run();
    CHECK(is_done);
  });
}

TEST_CASE("the handle that detach() gives still tells what the task ends with") {
  run([]() -> Async<> {
    JoinHandle<int> handle = AbortOnDrop(spawn(give(7))).detach();
    CHECK(co_await handle == 7);
  });
}

TEST_CASE("an abort-on-drop handle gives what its task ends with, and may be destroyed then") {
  run([]() -> Async<> {
    AbortOnDrop handle(spawn(give(7)));
    CHECK(co_await handle == 7);
  });
}

TEST_CASE("an abort-on-drop handle can abort its task, and tell about it") {
  run([]() -> Async<> {
    Gate gate;
    AbortOnDrop handle(spawn(pass(gate, 1)));
    co_await let_run();
    CHECK_FALSE(handle.is_finished());
    handle.abort();
    co_await let_run();
    CHECK(handle.is_finished());
    const TaskResult<int> result = co_await handle;
    CHECK(result.error().is_cancelled());
    AbortOnDrop other(spawn(pass(gate, 2)));
    other.abort_handle().abort();
    CHECK((co_await other).error().is_cancelled());
  });
}

TEST_CASE("an abort-on-drop handle that loses a select by its name loses nothing") {
  run([]() -> Async<> {
    Gate gate;
    AbortOnDrop handle(spawn(pass(gate, 7)));
    CHECK((co_await nara::select_biased(handle, ready(0))).index() == 1);
    gate.open();
    CHECK(co_await handle == 7);
  });
}

TEST_CASE("one that is moved into a select takes its task with it when it loses") {
  run([]() -> Async<> {
    Gate gate;
    AbortOnDrop handle(spawn(pass(gate, 7)));
    co_await let_run();
    CHECK((co_await nara::select_biased(std::move(handle), ready(0))).index() == 1);
    co_await let_run();
    CHECK(Tracked::alive() == 0);
  });
}

TEST_CASE("to assign to an abort-on-drop handle aborts the task that it had, at once") {
  run([]() -> Async<> {
    Gate gate;
    AbortOnDrop handle(spawn(pass(gate, 1, Tracked("first"))));
    AbortOnDrop other(spawn(pass(gate, 2, Tracked("second"))));
    co_await let_run();
    (void)Tracked::deaths();
    handle = std::move(other);
    co_await let_run();
    CHECK(Tracked::deaths() == std::vector<std::string>{"first"});
    gate.open();
    CHECK(co_await handle == 2);
  });
}
