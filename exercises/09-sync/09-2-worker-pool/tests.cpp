// The tests of 09-2. The clock stands still, and skips to the next alarm when all tasks wait.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <nara/async.hpp>
#include <nara/join_set.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <stdexcept>
#include <string>
#include <testkit/diary.hpp>
#include <testkit/runtime.hpp>
#include <utility>
#include <worker_pool.hpp>

using namespace std::chrono_literals;

using nara::Async;
using nara::test::Diary;
using nara::test::run_paused;
using nara::test::step;
using nara::time::Duration;
using nara::time::sleep;
using nara::time::timeout;

namespace {

/// What was done, and when. It lives longer than the runtime, in case a task that was forgotten
/// still uses it.
struct Work {
  int running = 0;
  int most = 0;  ///< How many were at work at the same time.
  int done = 0;
  int accepted = 0;
  int refused = 0;
};

/// A job.
Async<> take_time(Work& work, Duration time) {
  work.most = std::max(work.most, ++work.running);
  co_await sleep(time);
  --work.running;
  ++work.done;
}

/// The same, and writes down when it begins.
Async<> note_and_take_time(Diary& diary, std::string name, Duration time) {
  diary.note(name);
  co_await sleep(time);
}

Async<> fail(Work& work) {
  ++work.done;
  co_await sleep(1ms);
  throw std::runtime_error("this job fails");
}

/// Counts whether the job was accepted.
Async<> submit(WorkerPool& pool, Work& work, Duration time) {
  const bool is_accepted = co_await pool.submit(Job(take_time(work, time)));
  ++(is_accepted ? work.accepted : work.refused);
}

}  // namespace

TEST_CASE("09-2 Worker pool: three workers do three jobs at a time, in their order") {
  run_paused([]() -> Async<> {
    Diary diary;
    WorkerPool pool(3, 10);
    step("7 jobs of 100 ms, but for B, which takes 10");
    for (const char* const name : {"A", "B", "C", "D", "E", "F", "G"}) {
      const Duration time = *name == 'B' ? 10ms : 100ms;
      const bool is_accepted = co_await pool.submit(Job(note_and_take_time(diary, name, time)));
      CHECK(is_accepted);
    }
    co_await pool.shutdown();
    CHECK(diary.text() == "A 0, B 0, C 0, D 10, E 100, F 100, G 110");
    CHECK(diary.ms() == 210);
  });
}

TEST_CASE("09-2 Worker pool: who brings a job waits while the queue is full") {
  run_paused([]() -> Async<> {
    Work work;
    Diary diary;
    WorkerPool pool(1, 2);
    step("one worker, room for 2 jobs more; each takes 100 ms");
    for (int job = 0; job < 6; ++job) {
      co_await submit(pool, work, 100ms);
      diary.note("accepted");
    }
    CHECK(diary.text() ==
          "accepted 0, accepted 0, accepted 0, accepted 100, accepted 200, accepted 300");
    co_await pool.shutdown();
    CHECK(work.done == 6);
  });
}

TEST_CASE("09-2 Worker pool: never more are at work than there are workers") {
  Work work;
  run_paused([&]() -> Async<> {
    WorkerPool pool(4, 3);
    nara::JoinSet<void> tasks;
    step("100 tasks bring a job each, at the same time");
    for (int job = 0; job < 100; ++job) tasks.spawn(submit(pool, work, 1ms * (job * 7 % 20)));
    co_await std::move(tasks).join_all();
    co_await pool.shutdown();
    CHECK(work.most == 4);
    CHECK(work.done == 100);
  });
}

TEST_CASE("09-2 Worker pool: shutdown does what was accepted, and accepts no more") {
  Work work;
  run_paused([&]() -> Async<> {
    WorkerPool pool(2, 10);
    step("8 jobs are accepted; then shutdown() is called");
    for (int job = 0; job < 8; ++job) co_await submit(pool, work, 100ms);
    co_await pool.shutdown();
    CHECK(work.done == 8);
    step("another job is refused, and never done");
    co_await submit(pool, work, 100ms);
    CHECK(work.refused == 1);
    co_await sleep(1s);
    CHECK(work.done == 8);
  });
}

TEST_CASE("09-2 Worker pool: who waits for room when it shuts down is not forgotten") {
  Work work;
  run_paused([&]() -> Async<> {
    WorkerPool pool(2, 1);
    const Diary diary;
    nara::JoinSet<void> tasks;
    step("10 tasks bring a job each: 2 are being done, 1 is in the queue, 7 wait");
    for (int job = 0; job < 10; ++job) tasks.spawn(submit(pool, work, 100ms));
    co_await sleep(50ms);
    CHECK(work.accepted == 3);
    step("shutdown() is called: all that were accepted are done");
    co_await pool.shutdown();
    co_await std::move(tasks).join_all();
    CHECK(work.accepted == 10);
    CHECK(work.done == 10);
    step("both workers have worked to the end: 10 jobs of 100 ms, two at a time");
    CHECK(diary.ms() == 500);
  });
}

TEST_CASE("09-2 Worker pool: a job that throws does not take its worker with it") {
  Work work;
  run_paused([&]() -> Async<> {
    WorkerPool pool(2, 1);
    step("5 jobs that throw, and then 5 that do not");
    for (int job = 0; job < 5; ++job) {
      const bool is_accepted = co_await pool.submit(Job(fail(work)));
      CHECK(is_accepted);
    }
    for (int job = 0; job < 5; ++job) co_await submit(pool, work, 10ms);
    co_await pool.shutdown();
    CHECK(work.done == 10);
  });
}

TEST_CASE("09-2 Worker pool: a job that was given up before it was accepted is not done") {
  Work work;
  run_paused([&]() -> Async<> {
    WorkerPool pool(1, 1);
    co_await submit(pool, work, 100ms);
    co_await submit(pool, work, 100ms);
    step("the queue is full: wait for 50 ms, and give up");
    auto another = submit(pool, work, 100ms);
    const auto done = co_await timeout(50ms, std::move(another));
    CHECK_FALSE(done.has_value());
    co_await pool.shutdown();
    co_await sleep(1s);
    CHECK(work.done == 2);
  });
}
