// What can be seen of a task that waits for several things.
#include <doctest/doctest.h>

#include <expected>
#include <nara/abort_on_drop.hpp>
#include <nara/join.hpp>
#include <nara/join_set.hpp>
#include <nara/select.hpp>
#include <nara/try_join.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tasks.hpp"

using nara::AbortOnDrop;
using nara::Async;
using nara::CurrentThread;
using nara::join;
using nara::JoinSet;
using nara::on;
using nara::pending;
using nara::ready;
using nara::select;
using nara::some;
using nara::TaskInfo;
using nara::when;
using nara::test::by_hand;
using nara::test::Gate;
using nara::test::let_run;

namespace {

/// What a future says it waits for, after one poll.
template <class F>
std::string waits_for(F future) {
  auto polled = by_hand(std::move(future));
  (void)polled.poll();
  nara::Trace trace;
  nara::detail::describe(polled.future(), trace);
  return trace.waits_for;
}

}  // namespace

TEST_CASE("a select says what each of its branches waits for, in their order") {
  Gate gate;
  auto borrowed = pending();
  CHECK(waits_for(select(pass(gate, 1), pending())) == "select(Gate::wait, pending())");
  CHECK(waits_for(select(on(borrowed, [] {}), on(gate.wait(), [] {}))) ==
        "select(pending(), Gate::wait)");
}

TEST_CASE("a select does not name branches that do not take part") {
  Gate gate;
  CHECK(waits_for(select(when(false, pending()), gate.wait())) == "select(Gate::wait)");
  CHECK(waits_for(select(some(ready(std::optional<int>())), gate.wait())) == "select(Gate::wait)");
}

TEST_CASE("a join says what those futures wait for that are not done") {
  Gate gate;
  CHECK(waits_for(join(pass(gate, 1), ready(2), pending())) == "join(Gate::wait, pending())");
  std::vector<Async<int>> futures;
  futures.push_back(give(1));
  futures.push_back(pass(gate, 2));
  CHECK(waits_for(join(std::move(futures))) == "join(Gate::wait)");
  CHECK(waits_for(nara::try_join(pending<std::expected<int, int>>())) == "try_join(pending())");
}

TEST_CASE("they may be inside of each other") {
  Gate gate;
  CHECK(waits_for(select(join(gate.wait(), pending()), pending())) ==
        "select(join(Gate::wait, pending()), pending())");
}

TEST_CASE("what is over waits for nothing") {
  CHECK(waits_for(select(ready(1))).empty());
  CHECK(waits_for(join(ready(1))).empty());
  CHECK(waits_for(nara::try_join(ready(std::expected<int, int>(1)))).empty());
}

TEST_CASE("a dump shows what a task in a select waits for, and where that stands") {
  Gate gate;
  CurrentThread executor;
  (void)executor.spawn([&]() -> Async<> { (void)co_await select(pass(gate, 1), gate.wait()); });
  executor.block_on(let_run());
  const std::vector<TaskInfo> tasks = executor.dump();
  REQUIRE(tasks.size() == 1);
  std::ostringstream out;
  out << tasks[0];
  CHECK(out.str().find("waits at lessons/08-select/tests/describe.cpp:") != std::string::npos);
  CHECK(out.str().find(": select(Gate::wait, Gate::wait)") != std::string::npos);
  CHECK(tasks[0].wakers == 2);
}

TEST_CASE("a dump shows who waits for a set, and for an abort-on-drop handle") {
  Gate gate;
  CurrentThread executor;
  (void)executor.spawn([&]() -> Async<> {
    JoinSet<int> set;
    set.spawn(pass(gate, 1));
    (void)co_await set.join_next();
  });
  (void)executor.spawn([&]() -> Async<> {
    AbortOnDrop handle(nara::spawn(pass(gate, 1)));
    (void)co_await handle;
  });
  executor.block_on(let_run(2));
  const std::vector<TaskInfo> tasks = executor.dump();
  REQUIRE(tasks.size() == 4);
  CHECK(tasks[0].trace.waits_for == "JoinSet::join_next()");
  CHECK(tasks[1].trace.waits_for == "AbortOnDrop");
}
