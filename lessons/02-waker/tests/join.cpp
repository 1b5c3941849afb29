// What a join handle gives, when, and to whom.
#include <doctest/doctest.h>

#include <memory>
#include <nara/join_handle.hpp>
#include <sstream>
#include <testkit/by_hand.hpp>

#include "tasks.hpp"

using nara::Async;
using nara::CurrentThread;
using nara::JoinError;
using nara::JoinHandle;
using nara::Misuse;
using nara::spawn;
using nara::TaskResult;
using nara::test::by_hand;
using nara::test::Gate;
using nara::test::let_run;
using nara::test::run;
using nara::test::step;
using nara::test::Tracked;

TEST_CASE("an awaited join handle gives what the task returned, moved and not copied") {
  struct Message {
    std::unique_ptr<int> text;
    Message(int text) : text(std::make_unique<int>(text)) {}
  };
  const auto write = []() -> Async<Message> { co_return Message(7); };
  run([&]() -> Async<> {
    JoinHandle<Message> handle = spawn(write);
    const TaskResult<Message> result = co_await handle;
    REQUIRE(result.has_value());
    CHECK(*result->text == 7);
  });
}

TEST_CASE("a task that throws before its first suspension gives the exception to its handle") {
  run([]() -> Async<> {
    JoinHandle<int> handle = spawn(fail("no luck"));
    TaskResult<int> result = co_await handle;
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().is_panic());
    CHECK_FALSE(result.error().is_cancelled());
    CHECK_THROWS_WITH_AS(std::rethrow_exception(std::move(result).error().into_panic()), "no luck",
                         std::runtime_error);
  });
}

TEST_CASE("a task that throws after a suspension does so too, and the others run on") {
  run([]() -> Async<> {
    Gate gate;
    JoinHandle<int> other = spawn(pass(gate, 3));
    JoinHandle<int> handle = spawn(fail("no luck", 2));
    TaskResult<int> result = co_await handle;
    CHECK(result.error().is_panic());
    gate.open();
    TaskResult<int> of_other = co_await other;
    CHECK(of_other == 3);
  });
}

TEST_CASE("what a detached task throws is dropped, and nothing else happens") {
  run([]() -> Async<> {
    (void)spawn(fail("nobody hears this"));
    co_await let_run();
  });
}

TEST_CASE("when a handle is ready, every local of a task that threw has been destroyed") {
  const auto throws = [](Tracked argument) -> Async<> {
    const Tracked local("local");
    co_await nara::yield_now();
    throw std::runtime_error(argument.name());
  };
  run([&]() -> Async<> {
    JoinHandle<void> handle = spawn(throws, Tracked("argument"));
    co_await let_run();
    CHECK(Tracked::alive() == 2);
    const TaskResult<void> result = co_await handle;
    CHECK_FALSE(result.has_value());
    CHECK(Tracked::alive() == 0);
  });
}

TEST_CASE("when a handle is ready, what a lambda has captured has been destroyed") {
  run([]() -> Async<> {
    auto captured = std::make_shared<int>(7);
    JoinHandle<int> handle = spawn([captured]() -> Async<int> { co_return *captured; });
    CHECK(captured.use_count() == 2);
    const TaskResult<int> result = co_await handle;
    CHECK(result == 7);
    CHECK(captured.use_count() == 1);
  });
}

TEST_CASE("the payload of a cancelled task is a misuse, and the try form hands the error back") {
  JoinError cancelled(nara::TaskId(7));
  CHECK_THROWS_AS((void)JoinError(cancelled).into_panic(), Misuse);
  auto tried = std::move(cancelled).try_into_panic();
  REQUIRE_FALSE(tried.has_value());
  CHECK(tried.error().is_cancelled());
  CHECK(tried.error().id() == nara::TaskId(7));
}

TEST_CASE("the payload of a panic can be thrown again, with its own type") {
  struct Odd {
    int number;
  };
  JoinError error(nara::TaskId(7), std::make_exception_ptr(Odd{3}));
  auto payload = std::move(error).try_into_panic();
  REQUIRE(payload.has_value());
  try {
    std::rethrow_exception(*payload);
  } catch (const Odd& odd) {
    CHECK(odd.number == 3);
  }
}

TEST_CASE("the text of an error names the task, how it ended, and the exception's message") {
  const auto text = [](const JoinError& error) {
    std::ostringstream out;
    out << error;
    return out.str();
  };
  const nara::TaskId id(7);
  CHECK(text(JoinError(id)) == "task 7 was cancelled");
  CHECK(text(JoinError(id, std::make_exception_ptr(std::runtime_error("no luck")))) ==
        "task 7 panicked: no luck");
  CHECK(text(JoinError(id, std::make_exception_ptr(42))) == "task 7 panicked");
}

TEST_CASE("a task whose handle is destroyed runs on, and its value is destroyed") {
  run([]() -> Async<> {
    Gate gate;
    bool is_done = false;
    const auto work = [&]() -> Async<Tracked> {
      co_await gate.wait();
      is_done = true;
      co_return Tracked("value");
    };
    (void)spawn(work);
    co_await let_run();
    CHECK_FALSE(is_done);
    gate.open();
    co_await let_run();
    CHECK(is_done);
    CHECK(Tracked::alive() == 0);
  });
}

TEST_CASE("the value of a detached task is destroyed at its end, although a waker is still out") {
  nara::Waker waker = nara::Waker::noop();
  CurrentThread executor;
  (void)executor.spawn(nara::poll_fn([&](nara::Context& context) -> nara::Poll<Tracked> {
    waker = context.waker().clone();
    return Tracked("value");
  }));
  executor.block_on(let_run());
  CHECK(Tracked::alive() == 0);
}

TEST_CASE("the value of a task that ended before its handle was destroyed is destroyed with it") {
  const auto work = []() -> Async<Tracked> { co_return Tracked("value"); };
  run([&]() -> Async<> {
    {
      const JoinHandle<Tracked> handle = spawn(work);
      co_await let_run();
      REQUIRE(handle.is_finished());
      CHECK(Tracked::alive() == 1);
    }
    CHECK(Tracked::alive() == 0);
  });
}

TEST_CASE("is_finished tells whether the task has ended, in whichever way") {
  run([]() -> Async<> {
    Gate gate;
    JoinHandle<int> value = spawn(pass(gate, 1));
    JoinHandle<void> aborted = spawn(keep(Tracked()));
    JoinHandle<int> thrown = spawn(fail("no luck", 3));
    co_await let_run();
    CHECK_FALSE(value.is_finished());
    CHECK_FALSE(aborted.is_finished());
    CHECK_FALSE(thrown.is_finished());
    gate.open();
    aborted.abort();
    co_await let_run(5);
    CHECK(value.is_finished());
    CHECK(aborted.is_finished());
    CHECK(thrown.is_finished());
  });
}

TEST_CASE("a handle that was polled with two wakers wakes the later one") {
  Gate gate;
  CurrentThread executor;
  auto first = by_hand(executor.spawn(pass(gate, 7)));
  CHECK(first.poll().is_pending());
  auto second = by_hand(std::move(first.future()));
  CHECK(second.poll().is_pending());
  executor.block_on(let_run(2));
  gate.open();
  executor.block_on(let_run(2));
  CHECK(second.is_woken());
  CHECK_FALSE(first.is_woken());
  CHECK(first.wakers_out() == 0);
  CHECK(second.poll().value() == 7);
}

TEST_CASE("a handle that is destroyed while it waits leaves no waker behind") {
  Gate gate;
  CurrentThread executor;
  auto handle = by_hand(executor.spawn(pass(gate, 7)));
  CHECK(handle.poll().is_pending());
  CHECK(handle.wakers_out() == 1);
  handle.cancel();
  CHECK(handle.wakers_out() == 0);
}

TEST_CASE("a coroutine that awaits a handle can be destroyed, and the handle's task runs on") {
  Gate gate;
  CurrentThread executor;
  bool is_done = false;
  const auto work = [&]() -> Async<> {
    co_await gate.wait();
    is_done = true;
  };
  const auto await = [](JoinHandle<void> handle) -> Async<> { (void)co_await handle; };
  auto waiting = by_hand(await(executor.spawn(work)));
  CHECK(waiting.poll().is_pending());
  executor.block_on(let_run());
  waiting.cancel();
  CHECK(waiting.wakers_out() == 0);
  gate.open();
  executor.block_on(let_run(2));
  CHECK(is_done);
}

TEST_CASE("a handle that is empty is a misuse, not undefined behaviour") {
  run([]() -> Async<> {
    JoinHandle<int> handle = spawn(give(7));
    JoinHandle<int> other = std::move(handle);
    step("use the one that was moved from");
    CHECK_THROWS_AS(handle.abort(), Misuse);
    CHECK_THROWS_AS((void)handle.is_finished(), Misuse);
    CHECK_THROWS_AS((void)handle.id(), Misuse);
    CHECK_THROWS_AS((void)handle.abort_handle(), Misuse);
    step("await the other one twice");
    const TaskResult<int> first = co_await other;
    CHECK(first == 7);
    bool has_thrown = false;
    try {
      (void)co_await other;
    } catch (const Misuse&) {
      has_thrown = true;
    }
    CHECK(has_thrown);
    nara::AbortHandle abort = spawn(give(1)).abort_handle();
    const nara::AbortHandle moved = std::move(abort);
    CHECK_THROWS_AS(abort.abort(), Misuse);
  });
}

TEST_CASE("a handle may be assigned: the task that it had before is detached") {
  run([]() -> Async<> {
    Gate gate;
    int done = 0;
    const auto work = [&]() -> Async<> {
      co_await gate.wait();
      ++done;
    };
    JoinHandle<void> handle = spawn(work);
    handle = spawn(work);
    co_await let_run();
    gate.open();
    (void)co_await handle;
    CHECK(done == 2);
  });
}
