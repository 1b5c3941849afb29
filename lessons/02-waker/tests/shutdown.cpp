// What becomes of tasks when their executor goes.
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <nara/current_thread.hpp>
#include <optional>
#include <testkit/by_hand.hpp>
#include <testkit/last_words.hpp>
#include <thread>
#include <vector>

#include "tasks.hpp"

using nara::Async;
using nara::CurrentThread;
using nara::JoinHandle;
using nara::TaskResult;
using nara::Waker;
using nara::test::by_hand;
using nara::test::Gate;
using nara::test::let_run;
using nara::test::step;
using nara::test::Tracked;

TEST_CASE("destroying an executor destroys every suspended frame before it returns") {
  const auto shared = std::make_shared<int>(7);
  const auto keep_it = [shared](Gate& gate) -> Async<> {
    std::shared_ptr<int> local;
    local = shared;
    co_await gate.wait();
  };
  Gate gate;
  {
    CurrentThread executor;
    for (int i = 0; i < 3; ++i) (void)executor.spawn(keep_it, std::ref(gate));
    executor.block_on(let_run());
    CHECK(gate.waiting() == 3);
    CHECK(shared.use_count() == 2 + 3 * 2);
  }
  CHECK(gate.waiting() == 0);
  CHECK(shared.use_count() == 2);
}

TEST_CASE("tasks that have never run are destroyed with their executor, wherever they stand") {
  {
    CurrentThread executor;
    (void)executor.spawn(keep(Tracked("in the inbox")));
    executor.block_on([]() -> Async<> {
      (void)nara::spawn(keep(Tracked("in the queue")));
      co_return;
    });
    (void)executor.spawn(keep(Tracked("in the inbox")));
    CHECK(Tracked::alive() == 3);
  }
  CHECK(Tracked::alive() == 0);
}

TEST_CASE("a handle of a task that was pending when its executor was destroyed says cancelled") {
  std::optional<JoinHandle<void>> never_ran;
  std::optional<JoinHandle<void>> has_run;
  {
    CurrentThread executor;
    has_run.emplace(executor.spawn(keep(Tracked())));
    executor.block_on(let_run());
    never_ran.emplace(executor.spawn(keep(Tracked())));
  }
  step("poll the handles without any runtime");
  for (auto* handle : {&never_ran, &has_run}) {
    auto future = by_hand(std::move(**handle));
    nara::Poll<TaskResult<void>> answer = future.poll();
    REQUIRE(answer.is_ready());
    CHECK(answer.value().error().is_cancelled());
  }
}

TEST_CASE("one who awaits a task of another executor is woken when that is destroyed") {
  auto other = std::make_unique<CurrentThread>();
  auto handle = by_hand(other->spawn(keep(Tracked())));
  CHECK(handle.poll().is_pending());
  other.reset();
  CHECK(handle.is_woken());
  nara::Poll<TaskResult<void>> answer = handle.poll();
  CHECK(answer.value().error().is_cancelled());
}

TEST_CASE("what a destructor spawns while its executor goes is cancelled before it begins") {
  struct SpawnsLate {
    bool* has_run;
    std::optional<JoinHandle<void>>* handle;
    ~SpawnsLate() {
      handle->emplace(nara::spawn([has_run = has_run, kept = Tracked()]() -> Async<> {
        *has_run = true;
        co_return;
      }));
    }
  };
  bool has_run = false;
  std::optional<JoinHandle<void>> handle;
  {
    CurrentThread executor;
    (void)executor.spawn([&]() -> Async<> {
      const SpawnsLate late{&has_run, &handle};
      co_await nara::pending();
    });
    executor.block_on(let_run());
  }
  CHECK_FALSE(has_run);
  CHECK(Tracked::alive() == 0);
  CHECK(handle->is_finished());
}

TEST_CASE("destructors may wake and abort other tasks while their executor goes") {
  Gate gate;
  {
    CurrentThread executor;
    std::vector<nara::AbortHandle> others;
    for (int i = 0; i < 3; ++i) {
      JoinHandle<void> handle = executor.spawn([&gate, others, kept = Tracked()]() -> Async<> {
        struct Meddles {
          Gate& gate;
          const std::vector<nara::AbortHandle>& others;
          ~Meddles() {
            gate.open();
            for (const nara::AbortHandle& other : others) other.abort();
          }
        } const meddles{gate, others};
        co_await gate.wait();
      });
      others.push_back(handle.abort_handle());
    }
    executor.block_on(let_run());
    gate.close();
  }
  CHECK(Tracked::alive() == 0);
}

TEST_CASE("an executor that goes waits for the thread that is just waking one of its tasks") {
  // The stress test does the same with more threads; here each round is one wake against one end.
  for (int round = 0; round < 200; ++round) {
    std::atomic<Waker*> given = nullptr;
    std::thread other([&] {
      Waker* waker = nullptr;
      while ((waker = given.load()) == nullptr) std::this_thread::yield();
      std::move(*waker).wake();
    });
    Waker waker = Waker::noop();
    {
      CurrentThread executor;
      (void)executor.spawn(nara::poll_fn([&](nara::Context& context) -> nara::Poll<void> {
        waker.clone_from(context.waker());
        return nara::kPending;
      }));
      executor.block_on(let_run());
      given = &waker;
    }
    other.join();
  }
}

TEST_CASE("an executor may be static, with tasks still in it when the program ends") {
  const std::string words = nara::test::last_words([] {
    std::atexit([] { std::fputs("after\n", stderr); });
    static CurrentThread executor;
    std::atexit([] { std::fputs("before\n", stderr); });
    (void)executor.spawn(keep(Tracked()));
    executor.block_on(let_run());
    std::exit(3);
  });
  CHECK(words.substr(0, 13) == "before\nafter\n");
}

TEST_CASE("an executor may belong to a thread, with tasks still in it when the thread ends") {
  const auto shared = std::make_shared<int>(7);
  std::thread([shared] {
    thread_local CurrentThread own;
    (void)own.spawn([shared]() -> Async<> { co_await nara::pending(); });
    own.block_on(let_run());
  }).join();
  CHECK(shared.use_count() == 1);
}
