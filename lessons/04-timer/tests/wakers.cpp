// What a waker may do while the timers wake it, or drop it.
#include <doctest/doctest.h>

#include <functional>
#include <nara/time/sleep.hpp>
#include <optional>

#include "paused.hpp"

using namespace std::chrono_literals;

using nara::Context;
using nara::Waker;
using nara::test::step;
using nara::time::now;
using nara::time::sleep;

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
