// What the kit must not report, and what it counts.
#include <doctest/doctest.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <mutex>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/run_blocking.hpp>
#include <nara/spawn.hpp>
#include <nara/yield_now.hpp>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <testkit/steps.hpp>
#include <testkit/tasks.hpp>
#include <testkit/threads.hpp>
#include <thread>
#include <tuple>
#include <utility>

using nara::Async;
using nara::Context;
using nara::JoinHandle;
using nara::kPending;
using nara::kReady;
using nara::Poll;
using nara::Waker;
using nara::test::ForgottenTasks;
using nara::test::run;
using nara::test::step;

namespace {

/// A letter box: one leaves letters in it, and another waits for them. Any threads.
class Box {
 public:
  void put() {
    Waker taken = Waker::noop();
    {
      const std::lock_guard lock(mutex_);
      ++letters_;
      std::swap(taken, waker_);
    }
    std::move(taken).wake();
  }

  auto take() {
    return nara::poll_fn([this](Context& context) -> Poll<void> {
      const std::lock_guard lock(mutex_);
      if (letters_ > 0) {
        --letters_;
        return kReady;
      }
      waker_.clone_from(context.waker());
      return kPending;
    });
  }

 private:
  std::mutex mutex_;
  int letters_ = 0;              ///< Guarded by `mutex_`.
  Waker waker_ = Waker::noop();  ///< Guarded by `mutex_`.
};

/// Starts a thread that starts a thread that … puts a letter into the box.
void put_at_the_end_of_a_chain(Box& box, int length) {
  std::thread([&box, length] {
    if (length == 0) {
      box.put();
    } else {
      put_at_the_end_of_a_chain(box, length - 1);
    }
  }).detach();
}

/// Starts a thread whose last act, after its function has returned, is to put a letter into the
/// box.
void put_at_the_end_of_a_thread(Box& box) {
  std::thread([&box] {
    struct AtTheEnd {
      Box* box = nullptr;
      ~AtTheEnd() { box->put(); }
    };
    static thread_local AtTheEnd last;
    last.box = &box;
  }).detach();
}

/// The steps of this test, as they would be printed now.
std::string steps() {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  REQUIRE(file != nullptr);
  nara::test::print_steps(file.get());
  std::rewind(file.get());
  std::string text(1 << 17, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  return text;
}

Async<> play(Box& mine, Box& yours, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    yours.put();
    co_await mine.take();
  }
}

/// Two executors that wake each other, so that most of the time one or both are asleep.
Async<> play_across_threads() {
  Box here;
  Box there;
  std::thread other([&] { nara::block_on(play(there, here, 20)); });
  co_await play(here, there, 20);
  other.join();
}

/// A task that comes from a thread that is gone when it runs.
Async<> wait_for_a_foreign_task(nara::CurrentThread& executor) {
  Box box;
  std::thread([&executor, &box] {
    (void)executor.spawn(nara::lazy([&box] { box.put(); }));
  }).detach();
  co_await box.take();
}

/// A task that a thread aborts as the last thing that it does.
Async<> wait_for_a_foreign_abort() {
  JoinHandle<void> handle = nara::spawn(nara::pending());
  std::thread([abort = handle.abort_handle()] { abort.abort(); }).detach();
  (void)co_await handle;
}

Async<> be_woken_in_many_ways(nara::CurrentThread& executor) {
  for (int round = 0; round < 50; ++round) {
    Box box;
    put_at_the_end_of_a_chain(box, round % 4);
    co_await box.take();
    put_at_the_end_of_a_thread(box);
    co_await box.take();
    co_await nara::run_blocking([] {});
    co_await wait_for_a_foreign_task(executor);
    co_await wait_for_a_foreign_abort();
    co_await play_across_threads();
  }
}

}  // namespace

TEST_CASE("a future that is polled by hand tells what it answers, its wakes, and its wakers") {
  Box box;
  auto future = nara::test::by_hand(box.take());
  CHECK(future.poll().is_pending());
  CHECK(future.wakers_out() == 1);
  CHECK_FALSE(future.is_woken());
  box.put();
  CHECK(future.is_woken());
  CHECK(future.wakers_out() == 0);
  CHECK(future.poll().is_ready());
  CHECK_FALSE(future.is_woken());
}

TEST_CASE("every flavour of runtime runs the body once") {
  static std::size_t runs;
  runs = 0;
  run([]() -> Async<> {
    ++runs;
    co_return;
  });
  CHECK(runs == std::tuple_size_v<decltype(nara::test::kFlavours)>);
}

TEST_CASE("the steps name the flavour") {
  step("nothing yet");
  nara::test::on_every_runtime([](auto& runtime) { CHECK(runtime.block_on(nara::ready(7)) == 7); });
  CHECK(steps().find(" 2. make a runtime: CurrentThread") != std::string::npos);
}

TEST_CASE("of very many steps the last are kept") {
  for (int i = 1; i <= 10000; ++i) step("take step ", i);
  CHECK(steps().find(" 10000. take step 10000   <- here\n") != std::string::npos);
  CHECK(steps().find(" steps are left out)\n") != std::string::npos);
  step(std::string(100000, 'x'));
  CHECK(steps().find(" 10001. xxx") != std::string::npos);
}

TEST_CASE("tasks that are forgotten on purpose are noted down") {
  const auto forget = nara::poll_fn([](Context&) -> Poll<void> { return kPending; });
  const nara::ForgottenHook before = nara::detail::forgotten_hook();
  {
    const ForgottenTasks forgotten;
    nara::CurrentThread executor;
    const JoinHandle<void> handle = executor.spawn(forget);
    executor.block_on(nara::yield_now());
    REQUIRE(forgotten.tasks().size() == 1);
    CHECK(forgotten.tasks()[0].id == handle.id());
  }
  const bool is_restored = nara::detail::forgotten_hook() == before;
  CHECK(is_restored);
}

TEST_CASE("a thread counts from its start to its end") {
  const auto threads = [] { return nara::test::threads_of_tests().value_or(0); };
  REQUIRE(threads() == 1);
  std::mutex stop;
  std::unique_lock lock(stop);
  std::thread other([&stop] { const std::lock_guard wait(stop); });
  CHECK(threads() == 2);
  lock.unlock();
  other.join();
  while (threads() == 2) std::this_thread::yield();
  CHECK(threads() == 1);
}

TEST_CASE("threads that come and go are no reason to give up" * doctest::timeout(60)) {
  std::atomic<int> alarms = 0;
  std::jthread looker([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (nara::test::nothing_can_make_progress()) ++alarms;
      std::this_thread::yield();
    }
  });
  nara::test::ignore_other_threads();  // It wakes nobody.
  nara::CurrentThread executor;
  executor.block_on(be_woken_in_many_ways(executor));
  looker.request_stop();
  looker.join();
  while (nara::test::threads_of_tests() != 0) std::this_thread::yield();  // It is gone a bit later.
  nara::test::ignore_other_threads();
  CHECK(alarms == 0);
}
