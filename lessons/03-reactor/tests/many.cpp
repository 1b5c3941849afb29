// Many descriptors, and many drivers.
#include <doctest/doctest.h>

#include <functional>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/current_thread.hpp>
#include <nara/runtime.hpp>
#include <nara/spawn.hpp>
#include <nara/yield_now.hpp>
#include <testkit/descriptors.hpp>
#include <testkit/steps.hpp>
#include <utility>
#include <vector>

#include "descriptors.hpp"

using nara::Async;
using nara::AsyncFd;
using nara::Counters;
using nara::CurrentThread;
using nara::EpollDriver;
using nara::OwnedFd;
using nara::test::allow_descriptors;
using nara::test::step;

namespace {

Async<> wait_for(OwnedFd descriptor, int& woken) {
  const auto source = AsyncFd<OwnedFd>::try_new(std::move(descriptor)).value();
  (void)co_await source.readable();
  ++woken;
}

/// So that nothing of the first time counts: an object that is made once, a larger table.
void make_and_destroy() {
  const nara::Runtime runtime = nara::Runtime::create().value();
  const nara::Current inside = runtime.enter();
  const Pipe pipe;
  const auto source = AsyncFd<int>::try_new(pipe.reader.fd()).value();
}

}  // namespace

TEST_CASE("ten thousand pipes are silent while one talks" * doctest::timeout(120)) {
  constexpr rlim_t kOthers = 100;
  const auto silent = (allow_descriptors(2 * 10'000 + kOthers) - kOthers) / 2;
  step(silent, " pipes: ten thousand, or as many as `ulimit -Hn` allows");
  int woken = 0;
  std::vector<OwnedFd> writers;
  CurrentThread executor(EpollDriver::open().value());
  for (rlim_t number = 0; number < silent; ++number) {
    Pipe pipe;
    (void)executor.spawn(wait_for, std::move(pipe.reader), std::ref(woken));
    writers.push_back(std::move(pipe.writer));
  }
  executor.block_on([&]() -> Async<> {
    Pipe pipe;
    const auto source = AsyncFd<OwnedFd>::try_new(std::move(pipe.reader)).value();
    co_await nara::yield_now();
    const Counters before = executor.counters();
    step("each word wakes the one who waits for it, and nobody else");
    for (int word = 0; word < 100; ++word) {
      put(pipe.writer.fd(), "word");
      auto guard = co_await source.readable();
      CHECK(drain(source.fd()) == 4);
      guard->clear_ready();
    }
    CHECK(executor.counters().turns - before.turns == 100);
    CHECK(executor.counters().system_calls - before.system_calls == 100);
  });
  CHECK(woken == 0);
}

TEST_CASE("two thousand runtimes come and go, and leave no descriptor open" *
          doctest::timeout(120)) {
  make_and_destroy();
  const std::ptrdiff_t before = open_descriptors();
  for (int round = 0; round < 2000; ++round) make_and_destroy();
  CHECK(open_descriptors() == before);
}
