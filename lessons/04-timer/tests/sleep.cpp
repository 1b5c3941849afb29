#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/run_blocking.hpp>
#include <nara/time/interval.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
using namespace nara;
using namespace std::chrono_literals;
TEST_CASE("smoke") {
  CurrentThread executor(std::make_unique<time::TimeDriver>(std::make_unique<ThreadParker>()));
  executor.block_on([&]() -> Async<> {
    time::pause();
    const auto start = time::now();
    for (auto d : {1ms, 10ms, 60ms, 5000ms, 100000000ms}) {
      const auto before = time::now();
      co_await time::sleep(d);
      CHECK(time::now() - before >= d);
      CHECK(time::now() - before <= d + 1ms);
    }
    auto r = co_await time::timeout(1h, pending());
    CHECK_FALSE(r.has_value());
    co_await run_blocking([] {});
    time::Interval beat = time::interval(10ms);
    auto a = co_await beat.tick();
    auto b = co_await beat.tick();
    CHECK(b - a == 10ms);
    time::resume();
    co_await time::sleep(3ms);
    CHECK(time::now() - start > 100000000ms);
  });
}
