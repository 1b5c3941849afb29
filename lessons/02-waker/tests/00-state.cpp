// The state word alone, step by step: what each transition allows, and to whom.
#include <doctest/doctest.h>
#include <pthread.h>

#include <atomic>
#include <csignal>
#include <nara/detail/task_state.hpp>
#include <testkit/steps.hpp>
#include <thread>

using nara::detail::TaskState;
using nara::test::step;
using enum TaskState::Duty;
using enum TaskState::Rest;
using enum TaskState::Turn;

namespace {

constexpr bool kSilent = true;
constexpr bool kNotSilent = false;

/// Brings a task that was just born into the state in which it waits, with one waker out.
void wait(TaskState& state) {
  step("poll it: it is pending, and keeps a waker");
  REQUIRE(state.take() == kPoll);
  state.add_waker();
  REQUIRE(state.rest(kNotSilent) == kIdle);
}

/// Wakes a task from a signal handler: between any two steps of the thread that it interrupts.
struct Interrupt {
  static inline TaskState* state = nullptr;
  static inline std::atomic<int> wakes = 0;
  static inline std::atomic<bool> has_scheduled = false;

  static void wake(int) {
    ++wakes;
    if (state->wake() == kSchedule) has_scheduled = true;
  }
};

}  // namespace

TEST_CASE("a task is born scheduled, and its first turn is a poll") {
  TaskState state;
  CHECK_FALSE(state.is_complete());
  CHECK(state.take() == kPoll);
}

TEST_CASE("a wake schedules an idle task, once") {
  TaskState state;
  wait(state);
  step("wake it");
  CHECK(state.wake() == kSchedule);
  step("wake it again: it stands in the queue already");
  CHECK(state.wake() == kNothing);
  CHECK(state.take() == kPoll);
}

TEST_CASE("a wake while the task is being polled gives it another turn") {
  TaskState state;
  wait(state);
  CHECK(state.wake() == kSchedule);
  CHECK(state.take() == kPoll);
  step("wake it during the poll");
  CHECK(state.wake() == kNothing);
  step("the poll was pending");
  CHECK(state.rest(kNotSilent) == kAgain);
  CHECK(state.take() == kPoll);
  CHECK(state.rest(kNotSilent) == kIdle);
}

TEST_CASE("a wake in the middle of rest() is found by it, or schedules the task") {
  constexpr int kWakes = 500;
  TaskState state;
  state.add_waker();
  Interrupt::state = &state;
  std::signal(SIGUSR1, Interrupt::wake);
  std::thread interrupter([poller = ::pthread_self()] {
    for (int wakes = 0; wakes < kWakes; ++wakes) {
      ::pthread_kill(poller, SIGUSR1);
      while (Interrupt::wakes == wakes) std::this_thread::yield();
    }
  });
  step("take it, poll it and let it rest, over and over, while wakes come at any moment");
  int lost = 0;
  while (Interrupt::wakes < kWakes) {
    Interrupt::has_scheduled = false;
    (void)state.take();
    const int seen = Interrupt::wakes;  // This is the poll.
    if (state.rest(kNotSilent) == kAgain) continue;
    const bool was_woken = Interrupt::wakes > seen;
    if (was_woken && !Interrupt::has_scheduled) ++lost;
    if (!Interrupt::has_scheduled) (void)state.wake();
  }
  interrupter.join();
  std::signal(SIGUSR1, SIG_DFL);
  CHECK(lost == 0);
}

TEST_CASE("a waker that is used up schedules as well, and is counted no more") {
  TaskState state;
  wait(state);
  state.add_waker();
  REQUIRE(state.wakers() == 2);
  CHECK(state.wake_and_drop() == kSchedule);
  CHECK(state.wake_and_drop() == kNothing);
  CHECK(state.wakers() == 0);
  CHECK(state.take() == kPoll);
}

TEST_CASE("a complete task cannot be woken or aborted") {
  TaskState state;
  wait(state);
  REQUIRE(state.wake() == kSchedule);
  REQUIRE(state.take() == kPoll);
  (void)state.complete();
  CHECK(state.is_complete());
  CHECK(state.wake() == kNothing);
  CHECK(state.abort() == kNothing);
  CHECK(state.wake_and_drop() == kNothing);
  CHECK(state.is_complete());
}

TEST_CASE("an abort of an idle task gives it the turn in which it is cancelled") {
  TaskState state;
  wait(state);
  CHECK(state.abort() == kSchedule);
  CHECK(state.take() == kCancel);
}

TEST_CASE("an abort of a task in the queue changes what its turn is for") {
  TaskState state;
  step("abort it before its first poll");
  CHECK(state.abort() == kNothing);
  CHECK(state.take() == kCancel);
}

TEST_CASE("an abort during a poll is found when the poll is pending") {
  TaskState state;
  CHECK(state.take() == kPoll);
  state.add_waker();
  CHECK(state.abort() == kNothing);
  CHECK(state.rest(kNotSilent) == kCancelled);
}

TEST_CASE("several aborts are one") {
  TaskState state;
  wait(state);
  CHECK(state.abort() == kSchedule);
  CHECK(state.abort() == kNothing);
  CHECK(state.wake() == kNothing);
  CHECK(state.take() == kCancel);
}

TEST_CASE("who completes a task that is awaited is given the waker, and keeps the reference") {
  TaskState state;
  REQUIRE(state.take() == kPoll);
  REQUIRE(state.offer_join_waker());
  const TaskState::Completion left = state.complete();
  CHECK(left.wake_joiner);
  CHECK_FALSE(left.discard_outcome);
  CHECK(state.drop_reference() == kNothing);
  step("the join handle goes: it is the last");
  CHECK_FALSE(state.detach());
  CHECK(state.drop_reference() == kFree);
}

TEST_CASE("who completes a task that nobody awaits yet has nothing left to do") {
  TaskState state;
  REQUIRE(state.take() == kPoll);
  const TaskState::Completion left = state.complete();
  CHECK_FALSE(left.wake_joiner);
  CHECK_FALSE(left.discard_outcome);
  step("the scheduler's reference is gone already; that of the join handle is the last");
  CHECK(state.drop_reference() == kFree);
}

TEST_CASE("who completes a detached task discards the outcome") {
  TaskState state;
  CHECK(state.detach());
  REQUIRE(state.take() == kPoll);
  const TaskState::Completion left = state.complete();
  CHECK_FALSE(left.wake_joiner);
  CHECK(left.discard_outcome);
  CHECK(state.drop_reference() == kFree);
}

TEST_CASE("the join handle cannot offer or take back a waker once the task is complete") {
  TaskState state;
  REQUIRE(state.take() == kPoll);
  REQUIRE(state.offer_join_waker());
  REQUIRE(state.take_back_join_waker());
  CHECK_FALSE(state.has_join_waker());
  (void)state.complete();
  CHECK_FALSE(state.offer_join_waker());
  CHECK_FALSE(state.take_back_join_waker());
}

TEST_CASE("the last waker keeps a complete task in memory") {
  TaskState state;
  wait(state);
  REQUIRE(state.abort() == kSchedule);
  REQUIRE(state.take() == kCancel);
  (void)state.complete();
  CHECK(state.drop_reference() == kNothing);
  CHECK(state.drop_waker() == kFree);
}

TEST_CASE("a task that rests without a waker is forgotten, unless that is meant") {
  TaskState state;
  REQUIRE(state.take() == kPoll);
  CHECK(state.rest(kNotSilent) == kForgotten);
  step("it is still the poller's, who has said so and lets it rest");
  CHECK(state.rest(kSilent) == kIdle);
}

TEST_CASE("the last waker of an idle task leaves it a turn for a report") {
  TaskState state;
  wait(state);
  state.add_waker();
  CHECK(state.drop_waker() == kNothing);
  step("drop the last waker without a wake");
  CHECK(state.drop_waker() == kSchedule);
  CHECK(state.take() == kReport);
  CHECK(state.rest(kSilent) == kIdle);
  step("an abort still ends it");
  CHECK(state.abort() == kSchedule);
  CHECK(state.take() == kCancel);
}

TEST_CASE("a waker that goes while the task is scheduled is found when the task rests") {
  TaskState state;
  wait(state);
  REQUIRE(state.wake() == kSchedule);
  CHECK(state.drop_waker() == kNothing);
  REQUIRE(state.take() == kPoll);
  CHECK(state.rest(kNotSilent) == kForgotten);
}

TEST_CASE("a task that is told apart as silent gets no turn for a report") {
  TaskState state;
  REQUIRE(state.take() == kPoll);
  state.add_waker();
  REQUIRE(state.rest(kSilent) == kIdle);
  CHECK(state.drop_waker() == kNothing);
}
