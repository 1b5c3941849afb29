// A point that several only pass together.
#include <doctest/doctest.h>

#include <cstddef>
#include <deque>
#include <nara/join_handle.hpp>
#include <nara/misuse.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/barrier.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <utility>
#include <vector>

#include "turns.hpp"
#include "wants.hpp"

using nara::Async;
using nara::JoinHandle;
using nara::sync::Barrier;
using nara::sync::BarrierWait;
using nara::test::by_hand;
using nara::test::ByHand;
using nara::test::run;
using nara::test::step;

TEST_CASE("nobody passes a barrier until all have come, and the last one is the leader") {
  Barrier barrier(3);
  auto first = by_hand(barrier.wait());
  auto second = by_hand(barrier.wait());
  auto third = by_hand(barrier.wait());
  CHECK(first.poll().is_pending());
  CHECK(second.poll().is_pending());
  CHECK(second.poll().is_pending());
  CHECK_FALSE(first.is_woken());
  CHECK(third.poll().value().is_leader());
  CHECK(first.wakes() == 1);
  CHECK(second.wakes() == 1);
  CHECK_FALSE(second.poll().value().is_leader());
  CHECK_FALSE(first.poll().value().is_leader());
}

TEST_CASE("a round follows the other, each with one leader") {
  for (const std::size_t count : {2U, 3U, 5U, 100U}) {
    Barrier barrier(count);
    for (int round = 0; round < 3; ++round) {
      std::deque<ByHand<BarrierWait>> waits;
      int leaders = 0;
      for (std::size_t i = 0; i < count; ++i) {
        auto answer = waits.emplace_back(barrier.wait()).poll();
        CHECK(answer.is_ready() == (i == count - 1));
        if (answer.is_ready()) leaders += answer.value().is_leader() ? 1 : 0;
      }
      waits.pop_back();
      for (auto& wait : waits) leaders += wait.poll().value().is_leader() ? 1 : 0;
      CHECK(leaders == 1);
    }
  }
}

TEST_CASE("a barrier for one, or for nobody, never holds anybody up") {
  for (const std::size_t count : {0U, 1U}) {
    Barrier barrier(count);
    for (int i = 0; i < 3; ++i) CHECK(by_hand(barrier.wait()).poll().value().is_leader());
  }
}

TEST_CASE("one comes with the first poll, not before") {
  Barrier barrier(2);
  const BarrierWait never_polled = barrier.wait();
  auto first = by_hand(barrier.wait());
  CHECK(first.poll().is_pending());
  CHECK(by_hand(barrier.wait()).poll().is_ready());
  CHECK(first.poll().is_ready());
}

TEST_CASE("who was made before a round is over, and comes after it, belongs to the next one") {
  Barrier barrier(2);
  auto made_before = by_hand(barrier.wait());
  auto first = by_hand(barrier.wait());
  CHECK(first.poll().is_pending());
  CHECK(by_hand(barrier.wait()).poll().is_ready());
  CHECK(made_before.poll().is_pending());
  CHECK_FALSE(made_before.is_woken());
  CHECK(by_hand(barrier.wait()).poll().value().is_leader());
  CHECK(made_before.is_woken());
  CHECK(made_before.poll().is_ready());
}

TEST_CASE("who is destroyed before the round is over has not come") {
  Barrier barrier(2);
  auto gone = by_hand(barrier.wait());
  CHECK(gone.poll().is_pending());
  gone.cancel();
  CHECK(gone.wakers_out() == 0);
  auto first = by_hand(barrier.wait());
  CHECK(first.poll().is_pending());
  CHECK(by_hand(barrier.wait()).poll().is_ready());
  step("who is destroyed after it, has come, and does not count for the next round");
  first.cancel();
  auto next = by_hand(barrier.wait());
  CHECK(next.poll().is_pending());
  CHECK(by_hand(barrier.wait()).poll().is_ready());
}

TEST_CASE("who passes can come again before the others have noticed that the round is over") {
  Barrier barrier(2);
  auto slow = by_hand(barrier.wait());
  CHECK(slow.poll().is_pending());
  CHECK(by_hand(barrier.wait()).poll().value().is_leader());
  auto again = by_hand(barrier.wait());
  CHECK(again.poll().is_pending());
  CHECK_FALSE(slow.poll().value().is_leader());
  CHECK_FALSE(again.is_woken());
  CHECK(by_hand(barrier.wait()).poll().value().is_leader());
  CHECK(again.poll().is_ready());
}

TEST_CASE("who comes while those of the round before are woken waits for its own round") {
  Barrier barrier(2);
  Acting acting;
  BarrierWait first = barrier.wait();
  auto early = by_hand(barrier.wait());
  acting.when_woken = [&] { CHECK(early.poll().is_pending()); };
  {
    const nara::Waker waker = acting.waker();
    nara::Context context(waker);
    CHECK(first.poll(context).is_pending());
  }
  CHECK(by_hand(barrier.wait()).poll().is_ready());
  CHECK(early.polls() == 1);
  CHECK(early.poll().is_pending());
  CHECK(by_hand(barrier.wait()).poll().is_ready());
  CHECK(early.poll().is_ready());
}

TEST_CASE("when the budget is used up, the round is over, but who is the leader hears it later") {
  Barrier barrier(2);
  auto first = by_hand(barrier.wait());
  CHECK(first.poll().is_pending());
  nara::test::WakeCounter counter;
  const nara::Waker waker = counter.waker();
  BarrierWait last = barrier.wait();
  {
    nara::Context context(waker);
    while (context.spend()) {
    }
    CHECK(last.poll(context).is_pending());
  }
  CHECK(counter.wakes() == 1);
  CHECK(first.is_woken());
  nara::Context context(waker);
  CHECK(last.poll(context).value().is_leader());
}

TEST_CASE("tasks at a barrier go on round by round") {
  run([]() -> Async<> {
    Barrier barrier(5);
    std::vector<int> rounds(5);
    int leaders = 0;
    std::vector<JoinHandle<void>> tasks;
    for (std::size_t number = 0; number < 5; ++number) {
      tasks.push_back(nara::spawn([&, number]() -> Async<> {
        for (int round = 0; round < 10; ++round) {
          co_await let_run(static_cast<int>(number));
          rounds.at(number) = round;
          const auto result = co_await barrier.wait();
          if (result.is_leader()) ++leaders;
          for (const int other : rounds) CHECK((other == round || other == round + 1));
        }
      }));
    }
    for (JoinHandle<void>& task : tasks) (void)co_await task;
    CHECK(leaders == 10);
  });
}

TEST_CASE("to poll a wait for a barrier again after it was ready is a misuse") {
  Barrier barrier(1);
  auto wait = by_hand(barrier.wait());
  (void)wait.poll();
  CHECK_THROWS_WITH_AS((void)wait.poll(), doctest::Contains("Barrier::wait() was polled again"),
                       nara::Misuse);
}
