// The end of many tasks at once: aborted, given up, detached, or awaited.
#include <doctest/doctest.h>

#include <memory>
#include <nara/join_set.hpp>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <testkit/cost.hpp>
#include <type_traits>
#include <utility>
#include <vector>

#include "tasks.hpp"

using nara::AbortHandle;
using nara::Async;
using nara::CurrentThread;
using nara::JoinHandle;
using nara::JoinSet;
using nara::test::by_hand;
using nara::test::Gate;
using nara::test::let_run;
using nara::test::run;
using nara::test::step;
using nara::test::Tracked;

TEST_CASE("a set that is destroyed aborts its tasks, and their frames are destroyed soon after") {
  run([]() -> Async<> {
    Gate gate;
    {
      JoinSet<int> set;
      for (int i = 0; i < 5; ++i) set.spawn(pass(gate, i));
      co_await let_run();
      CHECK(Tracked::alive() == 5);
    }
    co_await let_run();
    CHECK(Tracked::alive() == 0);
    CHECK(gate.waiting() == 0);
  });
}

TEST_CASE("a set that is destroyed destroys the outcomes that nobody has taken") {
  run([]() -> Async<> {
    const auto work = []() -> Async<Tracked> { co_return Tracked("value"); };
    {
      JoinSet<Tracked> set;
      set.spawn(work);
      JoinHandle<Tracked> has_ended = nara::spawn(work);
      co_await let_run();
      set.add(std::move(has_ended));
      CHECK(Tracked::alive() == 2);
    }
    CHECK(Tracked::alive() == 0);
  });
}

TEST_CASE("a set may be destroyed after the executor that ran its tasks") {
  Gate gate;
  JoinSet<int> set;
  {
    CurrentThread executor;
    set.spawn_on(executor, pass(gate, 1));
    executor.block_on(let_run());
    CHECK(Tracked::alive() == 1);
  }
  CHECK(Tracked::alive() == 0);
  const auto ended = set.try_join_next();
  REQUIRE(ended.has_value());
  CHECK(ended->error().is_cancelled());
}

TEST_CASE("a task that is aborted by its handle is given as cancelled") {
  run([]() -> Async<> {
    Gate gate;
    JoinSet<int> set;
    const AbortHandle abort = set.spawn(pass(gate, 1));
    set.spawn(pass(gate, 2));
    co_await let_run();
    abort.abort();
    const auto first = co_await set.join_next();
    CHECK(first->error().is_cancelled());
    CHECK(first->error().id() == abort.id());
    gate.open();
    CHECK(co_await set.join_next() == 2);
  });
}

TEST_CASE(
    "abort_all lets the tasks stay in the set: five values come, and five that were cancelled") {
  run([]() -> Async<> {
    Gate gate;
    JoinSet<int> set;
    for (int i = 0; i < 5; ++i) {
      set.spawn(pass(gate, i));
      set.spawn(give(i));
    }
    co_await let_run();
    set.abort_all();
    CHECK(set.size() == 10);
    std::vector<int> values;
    int cancelled = 0;
    while (!set.empty()) {
      const auto ended = co_await set.join_next();
      if (ended->has_value()) {
        CHECK(cancelled == 0);
        values.push_back(ended->value());
      } else {
        CHECK(ended->error().is_cancelled());
        ++cancelled;
      }
    }
    CHECK(values == std::vector{0, 1, 2, 3, 4});
    CHECK(cancelled == 5);
  });
}

TEST_CASE("detach_all makes the set empty at once, and the tasks run on") {
  run([]() -> Async<> {
    Gate gate;
    int done = 0;
    const auto work = [&]() -> Async<int> {
      co_await gate.wait();
      co_return ++done;
    };
    {
      JoinSet<int> set;
      for (int i = 0; i < 3; ++i) set.spawn(work);
      set.spawn(give(4));
      co_await let_run();
      set.detach_all();
      CHECK(set.empty());
      CHECK_FALSE((co_await set.join_next()).has_value());
    }
    gate.open();
    co_await let_run();
    CHECK(done == 3);
  });
}

TEST_CASE("the end of a task that was detached does not touch its set any more") {
  run([]() -> Async<> {
    Gate first;
    Gate second;
    JoinSet<int> set;
    set.spawn(pass(first, 1));
    co_await let_run();
    set.detach_all();
    set.spawn(pass(second, 2));
    first.open();
    co_await let_run();
    CHECK(set.size() == 1);
    CHECK_FALSE(set.try_join_next().has_value());
    second.open();
    CHECK(co_await set.join_next() == 2);
  });
}

TEST_CASE("after shutdown the set is empty, and every destructor has run") {
  run([]() -> Async<> {
    Gate gate;
    JoinSet<int> set;
    for (int i = 0; i < 5; ++i) {
      set.spawn([&gate, kept = std::make_shared<Tracked>()]() -> Async<int> {
        (void)kept;
        co_return co_await pass(gate, 1);
      });
    }
    step("one of them never gets to run");
    co_await let_run();
    set.spawn(pass(gate, 2));
    CHECK(Tracked::alive() == 11);
    co_await set.shutdown();
    CHECK(set.empty());
    CHECK(Tracked::alive() == 0);
    step("it can be used again");
    set.spawn(give(7));
    CHECK(co_await set.join_next() == 7);
  });
}

TEST_CASE("a shutdown that is given up has aborted the tasks") {
  Gate gate;
  CurrentThread executor;
  JoinSet<int> set;
  set.spawn_on(executor, pass(gate, 1));
  executor.block_on(let_run());
  auto shutdown = by_hand(set.shutdown());
  CHECK(shutdown.poll().is_pending());
  shutdown.cancel();
  CHECK(shutdown.wakers_out() == 0);
  executor.block_on(let_run());
  CHECK(Tracked::alive() == 0);
  CHECK(set.size() == 1);
}

TEST_CASE("join_all gives the values of all, in the order in which they ended") {
  run([]() -> Async<> {
    JoinSet<int> set;
    for (const int turns : {5, 1, 3}) set.spawn(give(turns, turns));
    const std::vector<int> values = co_await std::move(set).join_all();
    CHECK(values == std::vector{1, 3, 5});
    step("of nothing, and of an empty set");
    JoinSet<void> of_nothing;
    of_nothing.spawn(let_run());
    static_assert(std::is_same_v<decltype(std::move(of_nothing).join_all()), Async<>>);
    co_await std::move(of_nothing).join_all();
    CHECK((co_await JoinSet<int>().join_all()).empty());
  });
}

TEST_CASE("join_all throws what a task throws, and the others are aborted") {
  run([]() -> Async<> {
    Gate closed;
    Gate open;
    open.open();
    JoinSet<int> set;
    set.spawn(pass(closed, 1));
    set.spawn(fail(open));
    set.spawn(pass(closed, 3));
    bool has_thrown = false;
    try {
      (void)co_await std::move(set).join_all();
    } catch (const std::runtime_error& error) {
      has_thrown = error.what() == std::string("no luck");
    }
    CHECK(has_thrown);
    co_await let_run();
    CHECK(Tracked::alive() == 0);
  });
}

TEST_CASE("join_all throws when a task was cancelled, and the others are aborted") {
  run([]() -> Async<> {
    Gate gate;
    JoinSet<int> set;
    set.spawn(pass(gate, 1));
    set.spawn(pass(gate, 2)).abort();
    bool has_thrown = false;
    try {
      (void)co_await std::move(set).join_all();
    } catch (const std::runtime_error& error) {
      has_thrown = std::string(error.what()).ends_with("was cancelled");
    }
    CHECK(has_thrown);
    co_await let_run();
    CHECK(Tracked::alive() == 0);
  });
}

TEST_CASE("a join_all that is given up aborts the tasks") {
  Gate gate;
  CurrentThread executor;
  JoinSet<int> set;
  set.spawn_on(executor, pass(gate, 1));
  executor.block_on(let_run());
  auto all = by_hand(std::move(set).join_all());
  CHECK(all.poll().is_pending());
  all.cancel();
  executor.block_on(let_run());
  CHECK(Tracked::alive() == 0);
}

TEST_CASE("a task that cannot be added for want of memory does not run on unseen") {
  if (!nara::test::kSeesAllocations) return;
  Gate gate;
  CurrentThread executor;
  JoinSet<int> set;
  JoinHandle<int> handle = executor.spawn(pass(gate, 1));
  executor.block_on(let_run());
  {
    const nara::test::NoMemory none;
    CHECK_THROWS_AS(set.add(std::move(handle)), std::bad_alloc);
  }
  CHECK(set.empty());
  executor.block_on(let_run());
  CHECK(Tracked::alive() == 0);
}
