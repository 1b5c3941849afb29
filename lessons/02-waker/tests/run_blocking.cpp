// Work for other threads.
#include <doctest/doctest.h>

#include <memory>
#include <mutex>
#include <nara/current_thread.hpp>
#include <nara/run_blocking.hpp>
#include <stdexcept>
#include <testkit/by_hand.hpp>
#include <thread>
#include <vector>

#include "tasks.hpp"

using nara::Async;
using nara::block_on;
using nara::Misuse;
using nara::run_blocking;
using nara::test::by_hand;
using nara::test::let_run;

TEST_CASE("a job runs on another thread, and its value comes back") {
  const auto where = [] { return std::this_thread::get_id(); };
  CHECK(block_on(run_blocking(where)) != std::this_thread::get_id());
  CHECK(*block_on(run_blocking([] { return std::make_unique<int>(7); })) == 7);
}

TEST_CASE("what a job throws comes out of the await") {
  CHECK_THROWS_WITH_AS(block_on(run_blocking([] { throw std::runtime_error("no luck"); })),
                       "no luck", std::runtime_error);
}

TEST_CASE("other tasks run while a job works") {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  block_on([&]() -> Async<> {
    nara::JoinHandle<void> job =
        nara::spawn(run_blocking([&] { const std::lock_guard wait(mutex); }));
    co_await let_run(10);
    CHECK_FALSE(job.is_finished());
    lock.unlock();
    (void)co_await job;
  });
}

TEST_CASE("a job that nobody waits for any more still runs to its end") {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  auto left = std::make_shared<int>(7);
  std::weak_ptr<int> watch = left;
  auto future = by_hand(
      run_blocking([&mutex, left = std::move(left)] { const std::lock_guard wait(mutex); }));
  CHECK(future.poll().is_pending());
  CHECK(future.wakers_out() == 1);
  future.cancel();
  CHECK_FALSE(watch.expired());
  lock.unlock();
  while (!watch.expired()) std::this_thread::yield();
}

TEST_CASE("a job's future is a misuse once it was ready") {
  auto future = run_blocking([] {});
  block_on(future);
  CHECK_THROWS_AS(block_on(future), Misuse);
}

TEST_CASE("a runtime with threads of its own runs the jobs") {
  struct Collects final : nara::BlockingRunner {
    std::vector<std::move_only_function<void()>> jobs;
    void run(std::move_only_function<void()> job) override { jobs.push_back(std::move(job)); }
  } runner;
  nara::Services services{};
  services[nara::kBlockingService] = static_cast<nara::BlockingRunner*>(&runner);
  const nara::Current inside(services);
  auto future = by_hand(run_blocking([] { return 7; }));
  CHECK(future.poll().is_pending());
  REQUIRE(runner.jobs.size() == 1);
  runner.jobs[0]();
  CHECK(future.is_woken());
  CHECK(future.poll().value() == 7);
}
