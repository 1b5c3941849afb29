// A token is cancelled once and for all, and who waits for it is woken.
#include <doctest/doctest.h>

#include <functional>
#include <nara/async.hpp>
#include <nara/select.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/cancellation_token.hpp>
#include <optional>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <testkit/steps.hpp>
#include <utility>

using nara::Async;
using nara::Misuse;
using nara::sync::CancellationToken;
using nara::sync::DropGuard;
using nara::test::by_hand;
using nara::test::run;
using nara::test::step;

TEST_CASE("when a token is cancelled, all who wait for it are woken, and all who come later pass") {
  const CancellationToken token;
  auto first = by_hand(token.cancelled());
  auto second = by_hand(token.cancelled());
  auto late = by_hand(token.cancelled());
  CHECK(first.poll().is_pending());
  CHECK(second.poll().is_pending());
  CHECK_FALSE(token.is_cancelled());
  CHECK_FALSE(first.is_woken());
  token.cancel();
  CHECK(token.is_cancelled());
  CHECK(first.is_woken());
  CHECK(second.is_woken());
  CHECK(first.poll().is_ready());
  CHECK(second.poll().is_ready());
  CHECK(late.poll().is_ready());
  CHECK(by_hand(token.cancelled()).poll().is_ready());
}

TEST_CASE("to cancel a token twice is to cancel it once") {
  const CancellationToken token;
  auto wait = by_hand(token.cancelled());
  CHECK(wait.poll().is_pending());
  token.cancel();
  token.cancel();
  CHECK(wait.wakes() == 1);
  CHECK(token.is_cancelled());
}

TEST_CASE("a clone is the same token") {
  const CancellationToken token;
  const CancellationToken clone = token.clone();
  auto wait = by_hand(token.cancelled());
  CHECK(wait.poll().is_pending());
  clone.cancel();
  CHECK(token.is_cancelled());
  CHECK(wait.is_woken());
}

TEST_CASE("that a token is destroyed cancels nothing") {
  const CancellationToken token;
  auto wait = by_hand(token.cancelled());
  CHECK(wait.poll().is_pending());
  {
    const CancellationToken clone = token.clone();
    const CancellationToken child = token.child_token();
  }
  CHECK_FALSE(token.is_cancelled());
  CHECK_FALSE(wait.is_woken());
}

TEST_CASE("a wait for a token that is given up keeps no waker") {
  const CancellationToken token;
  auto wait = by_hand(token.cancelled());
  CHECK(wait.poll().is_pending());
  CHECK(wait.wakers_out() == 1);
  wait.cancel();
  CHECK(wait.wakers_out() == 0);
  token.cancel();
}

TEST_CASE("a wait for a token throws when it is polled again after it was ready") {
  const CancellationToken token;
  token.cancel();
  auto wait = by_hand(token.cancelled());
  CHECK(wait.poll().is_ready());
  CHECK_THROWS_AS((void)wait.poll(), Misuse);
}

TEST_CASE("a wait can keep its token") {
  const CancellationToken parent;
  auto wait = by_hand(parent.child_token().cancelled_owned());
  CHECK(wait.poll().is_pending());
  parent.cancel();
  CHECK(wait.is_woken());
  CHECK(wait.poll().is_ready());
  step("also when it is the only one that has it");
  auto alone = by_hand(CancellationToken().cancelled_owned());
  CHECK(alone.poll().is_pending());
}

TEST_CASE("a guard cancels its token when it is destroyed, unless it was disarmed") {
  const CancellationToken token;
  {
    const DropGuard guard = token.child_token().drop_guard();
  }
  CHECK_FALSE(token.is_cancelled());
  {
    DropGuard guard = token.clone().drop_guard();
    const CancellationToken same = std::move(guard).disarm();
    CHECK_FALSE(same.is_cancelled());
    CHECK_THROWS_AS((void)std::move(guard).disarm(), Misuse);
  }
  CHECK_FALSE(token.is_cancelled());
  {
    DropGuard guard = token.clone().drop_guard();
    const DropGuard moved = std::move(guard);
    CHECK_FALSE(token.is_cancelled());
  }
  CHECK(token.is_cancelled());
}

TEST_CASE("to assign to a guard cancels the token that it had") {
  const CancellationToken first;
  const CancellationToken second;
  DropGuard guard = first.clone().drop_guard();
  guard = second.clone().drop_guard();
  CHECK(first.is_cancelled());
  CHECK_FALSE(second.is_cancelled());
}

TEST_CASE("one who is woken by a token may cancel it, and make tokens, at once") {
  /// A waker that runs a function when it is woken.
  struct Act {
    static const nara::WakerVTable& vtable() {
      static constexpr nara::WakerVTable kTable{
          .clone = [](void*) noexcept {},
          .wake = [](void* data) noexcept { static_cast<Act*>(data)->act(); },
          .wake_by_ref = [](void* data) noexcept { static_cast<Act*>(data)->act(); },
          .drop = [](void*) noexcept {},
      };
      return kTable;
    }
    std::function<void()> act;
  };
  const CancellationToken token;
  std::optional<CancellationToken> child = token.child_token();
  bool was_born_cancelled = false;
  Act act{[&] {
    token.cancel();
    was_born_cancelled = token.child_token().is_cancelled();
    child.reset();
  }};
  const nara::Waker waker(&act, Act::vtable());
  nara::Context context(waker);
  auto wait = token.cancelled();
  CHECK(wait.poll(context).is_pending());
  token.cancel();
  CHECK(was_born_cancelled);
  CHECK_FALSE(child.has_value());
}

TEST_CASE("a task ends when its token is cancelled") {
  run([]() -> Async<> {
    const CancellationToken token;
    const auto work = [](CancellationToken until) -> Async<std::size_t> {
      const auto which = co_await nara::select(until.cancelled(), nara::pending());
      co_return which.index();
    };
    auto task = nara::spawn(work, token.child_token());
    token.cancel();
    const auto which = co_await task;
    CHECK(which == 0U);
  });
}

TEST_CASE("a token that was moved from throws when it is used") {
  CancellationToken token;
  const CancellationToken moved = std::move(token);
  CHECK_THROWS_AS(token.cancel(), Misuse);
  CHECK_THROWS_AS((void)token.cancelled(), Misuse);
  CHECK_THROWS_AS((void)token.child_token(), Misuse);
  CHECK_THROWS_AS((void)std::move(token).drop_guard(), Misuse);
  CHECK_FALSE(moved.is_cancelled());
}
