// What a runtime is made of, and what is said when something is missing.
#include <doctest/doctest.h>
#include <unistd.h>

#include <nara/async.hpp>
#include <nara/misuse.hpp>
#include <nara/runtime.hpp>
#include <nara/time/interval.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <testkit/descriptors.hpp>
#include <testkit/runtime.hpp>
#include <testkit/steps.hpp>
#include <vector>

#include "io.hpp"

using namespace std::chrono_literals;

using nara::Async;
using nara::Misuse;
using nara::Runtime;
using nara::test::FewDescriptors;
using nara::test::let_run;
using nara::test::step;
using nara::time::now;

namespace {

/// The number that the next descriptor will have.
int next_descriptor() {
  const int next = ::dup(0);
  ::close(next);
  return next;
}

}  // namespace

TEST_CASE("a runtime without a clock says that it needs enable_time()") {
  for (const bool has_io : {false, true}) {
    Runtime::Builder builder = Runtime::Builder::current_thread();
    if (has_io) builder.enable_io();
    Runtime runtime = builder.build().value();
    runtime.block_on([]() -> Async<> {
      const doctest::Contains says("enable_time()");
      CHECK_THROWS_WITH_AS((void)nara::time::sleep(1ms), says, Misuse);
      CHECK_THROWS_WITH_AS((void)nara::time::sleep_until(now()), says, Misuse);
      CHECK_THROWS_WITH_AS((void)nara::time::timeout(1ms, nara::ready(7)), says, Misuse);
      CHECK_THROWS_WITH_AS((void)nara::time::interval(1ms), says, Misuse);
      CHECK_THROWS_WITH_AS(nara::time::pause(), says, Misuse);
      co_return;
    });
  }
}

TEST_CASE("a runtime without a reactor says that it needs enable_io()") {
  for (const bool has_time : {false, true}) {
    Runtime::Builder builder = Runtime::Builder::current_thread();
    if (has_time) builder.enable_time();
    Runtime runtime = builder.build().value();
    runtime.block_on([]() -> Async<> {
      CHECK_THROWS_WITH_AS((void)make_bell(), doctest::Contains("enable_io()"), Misuse);
      co_return;
    });
  }
}

TEST_CASE("a runtime has what was enabled, alone or together") {
  step("a clock without a reactor");
  Runtime with_time = Runtime::Builder::current_thread().enable_time().build().value();
  with_time.block_on([]() -> Async<> { co_await nara::time::sleep(1ms); });
  step("a reactor without a clock");
  Runtime with_io = Runtime::Builder::current_thread().enable_io().build().value();
  with_io.block_on([]() -> Async<> {
    const Bell bell = make_bell();
    const auto ready = co_await bell.writable();
    CHECK(ready.has_value());
  });
  step("both");
  Runtime with_all = Runtime::create().value();
  with_all.block_on([]() -> Async<> {
    const Bell bell = make_bell();
    const auto rung = co_await nara::time::timeout(1ms, bell.readable());
    CHECK_FALSE(rung.has_value());
  });
}

TEST_CASE("an interval of less than one turn is a misuse") {
  Runtime::Builder builder = Runtime::Builder::current_thread();
  CHECK_THROWS_WITH_AS(builder.event_interval(0), doctest::Contains("event_interval()"), Misuse);
  CHECK_THROWS_WITH_AS(builder.event_interval(-1), doctest::Contains("event_interval()"), Misuse);
}

TEST_CASE("a busy runtime looks at its drivers after as many turns as it was told") {
  for (const int turns : {1, 10, 50}) {
    Runtime runtime =
        Runtime::Builder::current_thread().enable_all().event_interval(turns).build().value();
    runtime.block_on(let_run(100));
    CHECK(runtime.executor().counters().looks == static_cast<unsigned>(100 / turns));
  }
}

TEST_CASE("a clock that stands still from the beginning needs a clock") {
  Runtime::Builder builder = Runtime::Builder::current_thread().start_paused();
  CHECK_THROWS_WITH_AS((void)builder.build(), doctest::Contains("enable_time()"), Misuse);
}

TEST_CASE("start_paused lets the clock stand still, or run") {
  for (const bool is_paused : {true, false}) {
    Runtime runtime =
        Runtime::Builder::current_thread().enable_time().start_paused(is_paused).build().value();
    runtime.block_on([&]() -> Async<> {
      if (is_paused) {
        CHECK_THROWS_AS(nara::time::pause(), Misuse);
      } else {
        CHECK_THROWS_AS(nara::time::resume(), Misuse);
      }
      co_return;
    });
  }
}

TEST_CASE("hooks are called before the thread sleeps, and after it has slept") {
  std::vector<char> calls;
  Runtime runtime = Runtime::Builder::current_thread()
                        .enable_all()
                        .start_paused()
                        .on_thread_park([&] { calls.push_back('p'); })
                        .on_thread_unpark([&] { calls.push_back('u'); })
                        .build()
                        .value();
  runtime.block_on(let_run(10));
  CHECK(calls.empty());
  runtime.block_on([]() -> Async<> {
    co_await nara::time::sleep(1h);
    co_await nara::time::sleep(1h);
  });
  CHECK(calls == std::vector{'p', 'u', 'p', 'u'});
}

TEST_CASE("a builder can be used for several runtimes, which have nothing in common") {
  const Runtime::Builder builder = Runtime::Builder::current_thread().enable_all().start_paused();
  Runtime first = builder.build().value();
  Runtime second = builder.build().value();
  first.block_on([]() -> Async<> {
    const auto start = now();
    co_await nara::time::sleep(24h);
    CHECK(now() - start == 24h);
  });
  const auto time_of_first =
      first.block_on([]() -> Async<nara::time::Instant> { co_return now(); });
  const auto time_of_second =
      second.block_on([]() -> Async<nara::time::Instant> { co_return now(); });
  CHECK(time_of_first - time_of_second > 23h);
}

TEST_CASE("when there are no descriptors left, build() says so, and none is lost") {
  const int next = next_descriptor();
  for (int more = 0; more < 2; ++more) {
    step("room for ", more);
    const auto runtime = [&] {
      const FewDescriptors few(more);
      return Runtime::create();
    }();
    REQUIRE_FALSE(runtime.has_value());
    CHECK(runtime.error() == std::errc::too_many_files_open);
  }
  CHECK(next_descriptor() == next);
  CHECK(Runtime::create().has_value());
  CHECK(next_descriptor() == next);
}
