// The driver: until when it sleeps, who ends that, and what is left when it goes.
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <nara/current.hpp>
#include <nara/park.hpp>
#include <nara/run_blocking.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timers.hpp>
#include <nara/work_elsewhere.hpp>
#include <optional>
#include <semaphore>
#include <testkit/by_hand.hpp>
#include <thread>
#include <vector>

#include "paused.hpp"

using namespace std::chrono_literals;

using nara::Async;
using nara::JoinHandle;
using nara::Park;
using nara::Runtime;
using nara::Services;
using nara::test::by_hand;
using nara::test::let_run;
using nara::test::step;
using nara::time::now;
using nara::time::sleep;
using nara::time::TimeDriver;

namespace {

using Deadline = Park::Deadline;
using Deadlines = std::vector<Deadline>;

/// What is below a driver, for a test: nobody sleeps in it. It writes down until when it was to.
struct Below final : Park {
  bool park(Deadline deadline) override {
    deadlines.push_back(deadline);
    if (meanwhile) meanwhile();
    return has_news;
  }
  void unpark() noexcept override { ++unparks; }
  bool may_end_by_itself() const noexcept override { return false; }

  Deadlines deadlines;
  bool has_news = false;
  int unparks = 0;
  std::function<void()> meanwhile;  ///< What happens while the thread sleeps.
};

/// A driver that nobody runs but the test, which is inside of it.
class Alone {
 public:
  bool park(Deadline deadline) { return driver.park(deadline); }

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
  const Deadline late = now() + 5s;
  (void)alone.park(std::nullopt);
  (void)alone.park(late);
  (void)alone.park(Park::kNow);
  CHECK(alone.below.deadlines == Deadlines{std::nullopt, late, Park::kNow});
  CHECK_FALSE(alone.driver.may_end_by_itself());
}

TEST_CASE("a driver sleeps until the next deadline at most") {
  Alone alone;
  auto future = by_hand(sleep(50ms));
  CHECK(future.poll().is_pending());
  CHECK(alone.driver.may_end_by_itself());
  const Deadline earlier = now();
  (void)alone.park(std::nullopt);
  (void)alone.park(now() + 1h);
  (void)alone.park(earlier);
  for (const Deadline deadline : alone.below.deadlines) {
    REQUIRE(deadline.has_value());
    CHECK(*deadline <= now() + 51ms);
  }
  CHECK(alone.below.deadlines.back() == earlier);
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
  CHECK_FALSE(alone.park(Park::kNow));
  alone.driver.timers().clock().advance(11ms);
  CHECK(alone.park(Park::kNow));
  CHECK(future.is_woken());
  CHECK(alone.below.deadlines == Deadlines{Park::kNow, Park::kNow});
}

TEST_CASE("a clock that stands still stays where it is while there is news below") {
  Alone alone;
  nara::time::pause();
  const auto start = now();
  auto future = by_hand(sleep(1h));
  CHECK(future.poll().is_pending());
  alone.below.has_news = true;
  CHECK(alone.park(std::nullopt));
  CHECK(now() == start);
  step("there is no more news: the clock moves on");
  alone.below.has_news = false;
  CHECK(alone.park(std::nullopt));
  CHECK(future.is_woken());
  CHECK(alone.below.deadlines == Deadlines{Park::kNow, Park::kNow});
}

TEST_CASE("a driver that is about to wake the last sleeper does not say that nothing is to come") {
  // Else somebody who looks just then finds a task that waits, and nobody who could wake it.
  struct Look {
    TimeDriver& driver;
    bool more_is_to_come = false;
  };
  static constexpr nara::WakerVTable kLook{
      .clone = [](void*) noexcept {},
      .wake =
          [](void* data) noexcept {
            auto& look = *static_cast<Look*>(data);
            look.more_is_to_come = look.driver.may_end_by_itself();
          },
      .wake_by_ref = [](void*) noexcept {},
      .drop = [](void*) noexcept {},
  };
  Alone alone;
  nara::time::pause();
  auto future = sleep(10ms);
  Look look{alone.driver};
  const nara::Waker waker(&look, kLook);
  nara::Context context(waker);
  REQUIRE(future.poll(context).is_pending());
  alone.driver.timers().clock().advance(11ms);
  CHECK(alone.park(Park::kNow));
  CHECK(look.more_is_to_come);
  CHECK_FALSE(alone.driver.may_end_by_itself());
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
  CHECK(*alone.below.deadlines.back() <= now() + 1s + 1ms);
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
      if (!alone.below.deadlines.back()) CHECK(future.poll().is_pending());
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
