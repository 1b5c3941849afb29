// What time costs, counted: the second medal of the layer exercise.
#include <doctest/doctest.h>
#include <sys/mman.h>

#include <cstddef>
#include <memory>
#include <nara/current_thread.hpp>
#include <nara/detail/wheel.hpp>
#include <nara/time/interval.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <nara/time/timers.hpp>
#include <new>
#include <span>
#include <testkit/by_hand.hpp>
#include <testkit/cost.hpp>

#include "paused.hpp"

using namespace std::chrono_literals;

using nara::Async;
using nara::Counters;
using nara::detail::Alarm;
using nara::detail::Wheel;
using nara::test::by_hand;
using nara::test::Cost;
using nara::test::let_run;
using nara::test::step;
using nara::time::Duration;
using nara::time::sleep;

namespace {

/// Memory that can be locked: who touches it then dies.
class Vault {
 public:
  Vault() {
    REQUIRE(data_ != MAP_FAILED);
    std::uninitialized_default_construct(alarms().begin(), alarms().end());
  }
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;
  ~Vault() {
    std::ranges::destroy(alarms());
    ::munmap(data_, kBytes);
  }

  std::span<Alarm> alarms() noexcept {
    return {static_cast<Alarm*>(data_), kBytes / sizeof(Alarm)};
  }
  void lock() { REQUIRE(::mprotect(data_, kBytes, PROT_NONE) == 0); }
  void unlock() { REQUIRE(::mprotect(data_, kBytes, PROT_READ | PROT_WRITE) == 0); }

 private:
  static constexpr std::size_t kBytes = 1 << 16;
  void* const data_ =
      ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
};

/// Makes and cancels a sleep that has begun to wait.
void sleep_in_vain(Duration duration) {
  auto future = by_hand(sleep(duration));
  REQUIRE(future.poll().is_pending());
}

}  // namespace

TEST_SUITE("cost") {
  TEST_CASE("cost: to take an alarm in, and out again, touches none of those in other slots") {
    Vault vault;
    Wheel wheel;
    std::uint64_t tick = 0;
    // Those in the first slots of each level, and many in the last.
    for (Alarm& alarm : vault.alarms()) {
      alarm.when = 1 + (tick += 1'000'003) % (std::uint64_t{40} << 30);
      REQUIRE(wheel.insert(alarm));
    }
    const std::uint64_t lonely = std::uint64_t{50} << 30;
    Alarm before;
    Alarm after;
    before.when = after.when = lonely;
    vault.lock();
    step("an alarm in a slot of its own");
    REQUIRE(wheel.insert(before));
    REQUIRE(wheel.insert(after));
    CHECK(wheel.next().has_value());
    wheel.remove(before);
    wheel.remove(after);
    vault.unlock();
    for (Alarm& alarm : vault.alarms()) wheel.remove(alarm);
    CHECK(wheel.empty());
  }

  TEST_CASE("cost: an alarm is sorted anew five times at most, however far it is away") {
    for (const std::uint64_t tick : {(std::uint64_t{1} << 36) - 1, std::uint64_t{86'400'000}}) {
      Alarm alarm;
      alarm.when = tick;
      Wheel wheel;
      REQUIRE(wheel.insert(alarm));
      int slots = 1;
      while (wheel.expire(*wheel.next()) == nullptr) ++slots;
      CHECK(slots <= 6);
    }
  }

  TEST_CASE("cost: the wheel allocates nothing") {
    if (!nara::test::kSeesAllocations) return;
    Wheel wheel;
    Alarm alarms[100];
    step("a hundred alarms go in and come out");
    const Cost cost;
    std::uint64_t tick = 1;
    for (Alarm& alarm : alarms) {
      alarm.when = tick *= 2;
      if (tick > 1U << 30) tick = 3;
      REQUIRE(wheel.insert(alarm));
    }
    wheel.remove(alarms[0]);
    while (wheel.expire(std::uint64_t{1} << 40) != nullptr) {
    }
    CHECK(cost.allocations() == 0);
  }

  TEST_CASE("cost: a sleep allocates nothing: not when it is made, waits, is reset, ends or goes") {
    if (!nara::test::kSeesAllocations) return;
    in_paused([](auto& runtime) {
      const Cost cost;
      auto future = by_hand(sleep(10ms));
      CHECK(future.poll().is_pending());
      future.future().reset(nara::time::now() + 20ms);
      sleep_in_vain(30ms);
      CHECK(cost.allocations() == 0);
      step("nor does the driver, when it is over");
      runtime.block_on([&]() -> Async<> {
        auto& clock = nara::time::Timers::current("the test").clock();
        const Cost waking;
        clock.advance(20ms);
        (void)nara::time::Timers::current("the test").wake_elapsed();
        CHECK(waking.allocations() == 0);
        co_return;
      });
      CHECK(future.is_woken());
    });
  }

  TEST_CASE("cost: a tick and a timeout allocate nothing either") {
    if (!nara::test::kSeesAllocations) return;
    in_paused([](auto&) {
      const Cost cost;
      nara::time::Interval ticks = nara::time::interval(10ms);
      auto first = by_hand(ticks.tick());
      CHECK(first.poll().is_ready());
      auto timeout = by_hand(nara::time::timeout(1s, ticks.tick()));
      CHECK(timeout.poll().is_pending());
      CHECK(cost.allocations() == 0);
      // The interval would keep the waker for longer than its owner lives.
      ticks.reset_immediately();
    });
  }

  TEST_CASE("cost: a sleep takes 72 bytes, and the wheel less than 7 KiB") {
    CHECK(sizeof(nara::time::Sleep) == 72);
    CHECK(sizeof(Wheel) < 7 * 1024);
  }

  TEST_CASE("cost: a task that sleeps takes one turn, one wake and one park for each time") {
    in_paused([](auto& runtime) {
      const Counters before = runtime.executor().counters();
      runtime.block_on([]() -> Async<> {
        for (int i = 0; i < 100; ++i) co_await sleep(1h);
      });
      const Counters& after = runtime.executor().counters();
      CHECK(after.turns - before.turns == 1 + 100);
      CHECK(after.local_wakes - before.local_wakes == 100);
      CHECK(after.parks - before.parks == 100);
    });
  }

  TEST_CASE("cost: those who sleep cost nothing while others run") {
    in_paused([](auto& runtime) {
      for (int i = 0; i < 100; ++i) {
        (void)runtime.spawn([]() -> Async<> { co_await sleep(1h); });
      }
      runtime.block_on(let_run());
      const Counters before = runtime.executor().counters();
      runtime.block_on(let_run(500));
      CHECK(runtime.executor().counters().turns - before.turns == 501);
    });
  }

  TEST_CASE("cost: to sleep in vain makes no system call, and does not wake the driver") {
    nara::test::on_every_runtime(
        [](auto& runtime) {
          runtime.block_on([&]() -> Async<> {
            const Counters before = runtime.executor().counters();
            for (int i = 0; i < 100; ++i) {
              sleep_in_vain(1s);
              auto timeout = by_hand(nara::time::timeout(30s, nara::ready(7)));
              CHECK(timeout.poll().is_ready());
            }
            CHECK(runtime.executor().counters().system_calls == before.system_calls);
            co_return;
          });
        },
        nara::test::kRuntimes);
  }
}
