// Whatever waits for several futures can be destroyed wherever it waits, and nothing is left.
#include <doctest/doctest.h>

#include <array>
#include <expected>
#include <nara/abort_on_drop.hpp>
#include <nara/join.hpp>
#include <nara/join_set.hpp>
#include <nara/select.hpp>
#include <nara/try_join.hpp>
#include <utility>

#include "tasks.hpp"

using nara::Async;
using nara::CurrentThread;
using nara::JoinSet;
using nara::on;
using nara::test::destroy_at_every_suspension;
using nara::test::Gate;
using nara::test::let_run;
using nara::test::Tracked;

namespace {

/// Three gates of which the n-th is opened after the n-th poll.
class Doors {
 public:
  Gate& operator[](std::size_t number) { return gates_.at(number); }

  void open(int number) { gates_.at(static_cast<std::size_t>(number - 1)).open(); }

  /// They are closed again, for the next try, and nobody may be in front of them.
  void close() {
    for (Gate& gate : gates_) {
      REQUIRE(gate.waiting() == 0);
      gate.close();
    }
  }

 private:
  std::array<Gate, 3> gates_;
};

/// Destroys `make(doors)` everywhere, while one door is opened after the other.
template <class Make>
int destroy_everywhere(Make make) {
  Doors doors;
  return destroy_at_every_suspension(
      [&] {
        doors.close();
        return make(doors);
      },
      [&](int poll) { doors.open(poll); });
}

}  // namespace

TEST_CASE("a coroutine with selects can be destroyed wherever it waits, and nothing is left") {
  const int suspensions = destroy_everywhere([](Doors& doors) -> Async<> {
    auto borrowed = pass(doors[2], 3, Tracked("borrowed"));
    (void)co_await nara::select(pass(doors[0], 1), borrowed, nara::pending());
    co_await nara::select(on(pass(doors[1], 2), [](int) {}), on(borrowed, [](int) {}));
    (void)co_await nara::select_biased(nara::when(false, pass(doors[0], 1)), borrowed);
  });
  CHECK(suspensions == 3);
}

TEST_CASE("a coroutine in a join can be destroyed wherever it waits, and nothing is left") {
  const int suspensions = destroy_everywhere([](Doors& doors) -> Async<> {
    auto borrowed = pass(doors[1], 2);
    const auto [first, second, third] =
        co_await nara::join(pass(doors[0], 1), borrowed, pass(doors[2], 3));
    CHECK(first + second + third == 6);
  });
  CHECK(suspensions == 3);
}

TEST_CASE("a coroutine in a try_join can be destroyed wherever it waits, and nothing is left") {
  using Result = std::expected<int, int>;
  const auto reach = [](Gate& gate, Result result) -> Async<Result> {
    (void)co_await pass(gate, 0);
    co_return result;
  };
  const int suspensions = destroy_everywhere([&](Doors& doors) -> Async<> {
    const auto result = co_await nara::try_join(reach(doors[0], 1), reach(doors[2], 3),
                                                reach(doors[1], std::unexpected(2)));
    CHECK(result.error() == 2);
  });
  CHECK(suspensions == 2);
}

TEST_CASE("a coroutine with a set can be destroyed wherever it waits, and nothing is left") {
  CurrentThread executor;
  Doors doors;
  const auto body = [&](Tracked kept) -> Async<> {
    JoinSet<void> set;
    for (const std::size_t number : {0U, 1U, 2U}) set.spawn_on(executor, doors[number].wait());
    (void)co_await set.join_next();
    (void)co_await nara::select(set.join_next(), nara::pending());
    co_await set.shutdown();
    (void)kept;
  };
  const int suspensions = nara::test::destroy_at_every_suspension(
      [&] {
        executor.block_on(let_run(3));  // Those of the try before are aborted: now they go.
        doors.close();
        return body(Tracked());
      },
      [&](int poll) {
        executor.block_on(let_run());
        doors.open(poll);
        executor.block_on(let_run(2));
      });
  CHECK(suspensions == 3);
}

TEST_CASE("a coroutine with an abort-on-drop handle takes its task with it wherever it waits") {
  Gate gate;
  CurrentThread executor;
  const auto body = [&]() -> Async<> {
    nara::AbortOnDrop handle(executor.spawn(pass(gate, 7)));
    const auto result = co_await handle;
    CHECK(result == 7);
  };
  auto future = nara::test::by_hand(body());
  CHECK(future.poll().is_pending());
  executor.block_on(let_run());
  CHECK(Tracked::alive() == 1);
  future.cancel();
  CHECK(future.wakers_out() == 0);
  executor.block_on(let_run());
  CHECK(Tracked::alive() == 0);
}
