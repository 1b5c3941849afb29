// The driver: for how long it sleeps, who ends that, and what is left when it goes.
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <nara/current_thread.hpp>
#include <nara/misuse.hpp>
#include <nara/run_blocking.hpp>
#include <nara/spawn.hpp>
#include <nara/time/interval.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timers.hpp>
#include <optional>
#include <semaphore>
#include <testkit/by_hand.hpp>
#include <thread>
#include <vector>

#include "paused.hpp"

using namespace std::chrono_literals;

using nara::Async;
using nara::Context;
using nara::CurrentThread;
using nara::JoinHandle;
using nara::Misuse;
using nara::Runtime;
using nara::Services;
using nara::Waker;
using nara::test::by_hand;
using nara::test::run_paused;
using nara::test::step;
using nara::time::Duration;
using nara::time::now;
using nara::time::sleep;
using nara::time::TimeDriver;

namespace {

using Timeout = std::optional<Duration>;

/// What is below a driver, for a test: nobody sleeps in it. It writes down for how long it was to.
struct Below final : nara::Park {
  bool park(Timeout timeout) override {
    timeouts.push_back(timeout);
    if (meanwhile) meanwhile();
    return false;
  }
  void unpark() noexcept override { ++unparks; }
  bool may_end_by_itself() const noexcept override { return false; }

  std::vector<Timeout> timeouts;
  int unparks = 0;
  std::function<void()> meanwhile;  ///< What happens while the thread sleeps.
};

/// A driver that nobody runs but the test, which is inside of it.
class Alone {
 public:
  bool park(Timeout timeout) { return driver.park(timeout); }

  std::unique_ptr<Below> owned = std::make_unique<Below>();
  Below& below = *owned;
  TimeDriver driver{std::move(owned)};

 private:
  Services offered() {
    Services services{};
    services[nara::kWorkService] = work_.get();
    driver.provide(services);
    return services;
  }

  const std::shared_ptr<nara::WorkElsewhere> work_ = std::make_shared<nara::WorkElsewhere>(driver);
  const Services services_ = offered();
  const nara::Current inside_{services_};
};

}  // namespace

TEST_CASE("a driver without sleepers sleeps for as long as it is told to") {
  Alone alone;
  (void)alone.park(std::nullopt);
  (void)alone.park(5s);
  (void)alone.park(0ns);
  CHECK(alone.below.timeouts == std::vector<Timeout>{std::nullopt, 5s, 0ns});
  CHECK_FALSE(alone.driver.may_end_by_itself());
}

TEST_CASE("a driver sleeps until the next deadline at most") {
  Alone alone;
  auto future = by_hand(sleep(50ms));
  CHECK(future.poll().is_pending());
  CHECK(alone.driver.may_end_by_itself());
  (void)alone.park(std::nullopt);
  (void)alone.park(1h);
  (void)alone.park(1ns);
  for (const Timeout timeout : alone.below.timeouts) {
    REQUIRE(timeout.has_value());
    CHECK(*timeout <= 51ms);
  }
  CHECK(alone.below.timeouts.back() <= 1ns);
}

TEST_CASE("a park that ends early wakes nobody early") {
  Alone alone;
  auto future = by_hand(sleep(1h));
  CHECK(future.poll().is_pending());
  for (int i = 0; i < 3; ++i) CHECK_FALSE(alone.park(std::nullopt));
  CHECK_FALSE(future.is_woken());
}

TEST_CASE("a busy driver does not sleep, and wakes those whose time has come") {
  Alone alone;
  nara::time::pause();
  auto future = by_hand(sleep(10ms));
  CHECK(future.poll().is_pending());
  CHECK_FALSE(alone.park(0ns));
  alone.driver.timers().clock().advance(11ms);
  CHECK(alone.park(0ns));
  CHECK(future.is_woken());
  CHECK(alone.below.timeouts == std::vector<Timeout>{0ns, 0ns});
}

TEST_CASE("an earlier deadline wakes a driver that sleeps, a later one does not") {
  Alone alone;
  auto first = by_hand(sleep(1h));
  auto later = by_hand(sleep(2h));
  auto earlier = by_hand(sleep(1min));
  auto earliest = by_hand(sleep(1s));
  CHECK(first.poll().is_pending());
  CHECK(alone.below.unparks == 0);
  alone.below.meanwhile = [&] {
    step("a later deadline");
    CHECK(later.poll().is_pending());
    CHECK(alone.below.unparks == 0);
    step("an earlier one");
    CHECK(earlier.poll().is_pending());
    CHECK(alone.below.unparks == 1);
    step("one that is earlier still: the driver has been woken already");
    CHECK(earliest.poll().is_pending());
    CHECK(alone.below.unparks == 1);
  };
  (void)alone.park(std::nullopt);
  alone.below.meanwhile = nullptr;
  (void)alone.park(std::nullopt);
  CHECK(*alone.below.timeouts.back() <= 1s + 1ms);
}

TEST_CASE("a reset to an earlier deadline wakes a driver that sleeps") {
  Alone alone;
  auto future = by_hand(sleep(1h));
  CHECK(future.poll().is_pending());
  alone.below.meanwhile = [&] { future.future().reset(now() + 1s); };
  (void)alone.park(std::nullopt);
  CHECK(alone.below.unparks == 1);
}

TEST_CASE(
    "the first sleeper wakes a driver that sleeps without end, also when its clock is paused") {
  for (const bool is_paused : {false, true}) {
    step(is_paused ? "the clock stands still" : "the clock runs");
    Alone alone;
    if (is_paused) nara::time::pause();
    auto future = by_hand(sleep(1h));
    alone.below.meanwhile = [&] {
      if (!alone.below.timeouts.back()) CHECK(future.poll().is_pending());
    };
    (void)alone.park(std::nullopt);
    REQUIRE(future.polls() == 1);
    CHECK(alone.below.unparks == 1);
  }
}

TEST_CASE("another thread may ask for an earlier deadline than that which the runtime sleeps for") {
  // If the driver did not wake up for it, this would take an hour.
  Runtime runtime = Runtime::create().value();
  std::binary_semaphore is_over(0);
  std::thread other;
  runtime.block_on([&]() -> Async<> {
    JoinHandle<void> long_sleep = nara::spawn(sleep(1h));
    co_await let_run();
    other = std::thread([&] {
      const nara::Current inside = runtime.enter();
      nara::block_on(sleep(2ms));
      is_over.release();
    });
    co_await nara::run_blocking([&] { is_over.acquire(); });
    CHECK_FALSE(long_sleep.is_finished());
  });
  other.join();
}

TEST_CASE("an aborted task that sleeps is torn down at once, not when its time is over") {
  run_paused([]() -> Async<> {
    const auto start = now();
    const auto shared = std::make_shared<int>(7);
    {
      JoinHandle<void> task = nara::spawn([shared]() -> Async<> {
        co_await sleep(1h);
        (void)shared;
      });
      co_await let_run();
      REQUIRE(shared.use_count() == 2);
      task.abort();
    }
    co_await let_run();
    CHECK(shared.use_count() == 1);
    CHECK(now() == start);
  });
}

TEST_CASE("who sleeps in a runtime that is shut down is woken, and to poll is a misuse then") {
  for (const bool is_paused : {false, true}) {
    std::optional<Runtime> runtime =
        Runtime::Builder::current_thread().enable_all().start_paused(is_paused).build().value();
    const auto inside = [&](auto make) {
      const nara::Current guard = runtime->enter();
      return make();
    };
    auto waiting = by_hand(inside([] { return sleep(1h); }));
    auto never_polled = by_hand(inside([] { return sleep(1h); }));
    auto elapsed = by_hand(inside([] { return sleep(0ms); }));
    auto interval = inside([] { return nara::time::interval_at(now() + 1h, 1h); });
    auto tick = by_hand(interval.tick());
    CHECK(waiting.poll().is_pending());
    CHECK(tick.poll().is_pending());
    if (elapsed.poll().is_pending()) {
      runtime->block_on([]() -> Async<> { co_await sleep(2ms); });
      CHECK(elapsed.poll().is_ready());
    }
    step("shut it down");
    runtime.reset();
    CHECK(waiting.is_woken());
    CHECK(tick.is_woken());
    for (auto* each : {&waiting, &never_polled}) {
      CHECK_THROWS_WITH_AS((void)each->poll(), doctest::Contains("shut down"), Misuse);
      CHECK(each->wakers_out() == 0);
      CHECK_FALSE(each->future().is_elapsed());
    }
    CHECK_THROWS_WITH_AS((void)tick.poll(), doctest::Contains("shut down"), Misuse);
    step("what was ready stays ready, and a reset does not help");
    CHECK(elapsed.poll().is_ready());
    waiting.future().reset(now() + 1h);
    CHECK_THROWS_AS((void)waiting.poll(), Misuse);
  }
}

TEST_CASE("a waker that the driver wakes may use the driver: to sleep, to reset, and to give up") {
  in_paused([](auto& runtime) {
    std::optional<nara::time::Sleep> given_up(sleep(10ms));
    nara::time::Sleep asleep = sleep(20ms);
    nara::time::Sleep again = sleep(30ms);
    const Waker nobody = Waker::noop();
    Context context(nobody);
    CHECK(given_up->poll(context).is_pending());
    CHECK(again.poll(context).is_pending());
    std::function<void()> act = [&] {
      step("the waker is called");
      given_up.reset();
      CHECK(asleep.poll(context).is_pending());
      again.reset(now() + 1h);
    };
    static constexpr nara::WakerVTable kActs{
        .clone = [](void*) noexcept {},
        .wake = [](void* data) noexcept { (*static_cast<std::function<void()>*>(data))(); },
        .wake_by_ref = [](void*) noexcept {},
        .drop = [](void*) noexcept {}};
    const Waker acts(&act, kActs);
    Context acting(acts);
    nara::time::Sleep first = sleep(5ms);
    CHECK(first.poll(acting).is_pending());
    move_clock(runtime, 5ms);
    CHECK_FALSE(given_up.has_value());
  });
}

TEST_CASE("a waker that a sleep drops may use the driver, too") {
  in_paused([](auto&) {
    // Like a task: when its last waker goes, so does what it keeps.
    struct Task {
      std::optional<nara::time::Sleep> kept{sleep(10ms)};
      int wakers = 0;
      static Task& of(void* data) { return *static_cast<Task*>(data); }
    };
    static constexpr nara::WakerVTable kTask{
        .clone = [](void* data) noexcept { ++Task::of(data).wakers; },
        .wake = [](void*) noexcept {},
        .wake_by_ref = [](void*) noexcept {},
        .drop =
            [](void* data) noexcept {
              if (--Task::of(data).wakers == 0) Task::of(data).kept.reset();
            }};
    const Waker nobody = Waker::noop();
    Context context(nobody);
    for (const bool is_replaced : {true, false}) {
      Task task;
      CHECK(task.kept->poll(context).is_pending());
      std::optional<nara::time::Sleep> other(sleep(10ms));
      {
        ++task.wakers;
        const Waker waker(&task, kTask);
        Context owning(waker);
        CHECK(other->poll(owning).is_pending());
      }
      REQUIRE(task.kept.has_value());
      if (is_replaced) {
        CHECK(other->poll(context).is_pending());
      } else {
        other.reset();
      }
      CHECK_FALSE(task.kept.has_value());
    }
  });
}
