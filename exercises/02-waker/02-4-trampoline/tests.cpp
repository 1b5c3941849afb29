// The tests of 02-4. Jobs call jobs: for their values, then very often, then very deep.
#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <testkit/steps.hpp>
#include <testkit/tracked.hpp>
#include <trampoline.hpp>
#include <vector>

using nara::test::step;
using nara::test::Tracked;

namespace {

Job number(int value) { co_return value; }

Job sum(int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) {
    const int one = co_await number(1);
    sum += one;
  }
  co_return sum;
}

Job fail(const char* why) {
  throw std::runtime_error(why);
  co_return 0;
}

/// Pauses `pauses` times on top of `depth` coroutines, and gives the depth.
Job dive(int depth, int pauses) {
  const Tracked local;
  if (depth == 1) {
    for (int i = 0; i < pauses; ++i) co_await Pause();
    co_return 1;
  }
  const int below = co_await dive(depth - 1, pauses);
  co_return below + 1;
}

}  // namespace

TEST_CASE("02-4 The trampoline: a job runs when it is told to, and has a result then") {
  step("call a job: nothing runs yet");
  bool has_begun = false;
  auto body = [](bool& has_begun) -> Job {
    has_begun = true;
    co_return 7;
  };
  Job job = body(has_begun);
  REQUIRE_FALSE(has_begun);
  step("run it: it has returned 7, and one coroutine was resumed");
  REQUIRE(job.run());
  CHECK(job.result() == 7);
  CHECK(job.resumes() == 1);
}

TEST_CASE("02-4 The trampoline: a job gets the values of those that it calls") {
  step("run a job that calls three others, one after the other, and adds up what they return");
  Job job = sum(3);
  REQUIRE(job.run());
  CHECK(job.result() == 3);
  step("the root was resumed four times, and each of the others once");
  CHECK(job.resumes() == 7);
}

TEST_CASE("02-4 The trampoline: a job runs when it is called, and its caller goes on after it") {
  std::vector<std::string> notes;
  auto inner = [](std::vector<std::string>& notes) -> Job {
    notes.emplace_back("inner begins");
    co_await Pause();
    notes.emplace_back("inner ends");
    co_return 7;
  };
  auto outer = [&inner](std::vector<std::string>& notes) -> Job {
    notes.emplace_back("outer begins");
    const int value = co_await inner(notes);
    notes.emplace_back("outer ends");
    co_return value;
  };
  step("run a job that calls another, which pauses: it has not returned");
  Job job = outer(notes);
  REQUIRE_FALSE(job.run());
  REQUIRE(notes == std::vector<std::string>{"outer begins", "inner begins"});
  step("run it again: both have returned");
  REQUIRE(job.run());
  CHECK(notes.size() == 4);
  CHECK(notes.back() == "outer ends");
  CHECK(job.result() == 7);
}

TEST_CASE("02-4 The trampoline: an exception passes through every call, or is caught on the way") {
  auto pass_on = [](const char* why) -> Job {
    const int value = co_await fail(why);
    co_return value;
  };
  auto try_it = [&pass_on](const char* why) -> Job {
    try {
      const int value = co_await pass_on(why);
      co_return value;
    } catch (const std::runtime_error&) {
      co_return -1;
    }
  };
  step("run a job that calls one that calls one that throws");
  Job passes = pass_on("no luck");
  REQUIRE(passes.run());
  CHECK_THROWS_WITH((void)passes.result(), "no luck");
  step("run a job that catches what comes out of its call");
  Job catches = try_it("no luck");
  REQUIRE(catches.run());
  CHECK(catches.result() == -1);
}

TEST_CASE("02-4 The trampoline: after a pause at depth 1000, one coroutine is resumed, not 1000") {
  step("run 1000 coroutines on top of each other, until the last one pauses");
  Job job = dive(1000, 2);
  REQUIRE_FALSE(job.run());
  REQUIRE(job.resumes() == 1000);
  step("run on, until it pauses again: one coroutine was resumed");
  REQUIRE_FALSE(job.run());
  REQUIRE(job.resumes() == 1);
  step("run on: all return, one after the other");
  REQUIRE(job.run());
  CHECK(job.resumes() == 1000);
  CHECK(job.result() == 1000);
}

TEST_CASE("02-4 The trampoline: jobs that are run in turn do not disturb each other") {
  Job three = dive(3, 1);
  Job five = dive(5, 1);
  step("run both until they pause, and then both to their ends");
  REQUIRE_FALSE(three.run());
  REQUIRE_FALSE(five.run());
  REQUIRE(three.run());
  REQUIRE(five.run());
  CHECK(three.result() == 3);
  CHECK(five.result() == 5);
}

TEST_CASE(
    "02-4 The trampoline: a job that is destroyed in a pause takes all that it called with it") {
  {
    Job job = dive(10, 1);
    step("run 10 coroutines on top of each other, until the last one pauses");
    REQUIRE_FALSE(job.run());
    REQUIRE(Tracked::alive() == 10);
    step("destroy the job: no local of any is left");
  }
  CHECK(Tracked::alive() == 0);
}

TEST_CASE("02-4 The trampoline: a million calls in a row do not use up the stack") {
  step("run a job that calls a million others, one after the other");
  Job job = sum(1'000'000);
  REQUIRE(job.run());
  CHECK(job.result() == 1'000'000);
}

TEST_CASE("02-4 The trampoline: a chain of 100,000 calls does not use up the stack") {
  step("run 100,000 coroutines on top of each other; then all return, one after the other");
  Job job = dive(100'000, 0);
  REQUIRE(job.run());
  CHECK(job.result() == 100'000);
}
