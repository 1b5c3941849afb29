// What things cost, counted: the second medal of the layer exercise.
#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/current_thread.hpp>
#include <nara/io/stream.hpp>
#include <nara/spawn.hpp>
#include <nara/sys/epoll.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/cost.hpp>
#include <testkit/runtime.hpp>
#include <utility>
#include <vector>

#include "descriptors.hpp"

using namespace std::chrono_literals;

using nara::Async;
using nara::AsyncFd;
using nara::Counters;
using nara::CurrentThread;
using nara::EpollDriver;
using nara::OwnedFd;
using nara::detail::Registered;
using nara::io::Interest;
using nara::io::ReadStream;
using nara::io::WriteStream;
using nara::test::by_hand;
using nara::test::Cost;
using nara::test::let_run;
using nara::test::step;

namespace {

using Source = AsyncFd<OwnedFd>;

Async<> wait_for_ever(OwnedFd descriptor) {
  const Source source = wrap(std::move(descriptor));
  (void)co_await source.readable();
}

/// Plays ping-pong with itself through a pipe.
Async<> send_and_receive(const Source& writer, const Source& reader, int times) {
  std::array<std::byte, 8> buffer{};
  for (int i = 0; i < times; ++i) {
    (void)co_await writer.async_io(Interest::kWritable,
                                   WriteStream(std::as_bytes(std::span("ping", 4))));
    (void)co_await reader.async_io(Interest::kReadable, ReadStream(buffer));
  }
}

}  // namespace

TEST_SUITE("cost") {
  TEST_CASE("a descriptor costs one epoll_ctl in its whole life, and one close") {
    Turned turned;
    Pipe pipe;
    {
      const Source reader = wrap(std::move(pipe.reader));
      CHECK(turned.calls() == 1);
      auto readable = by_hand(reader.readable());
      CHECK(readable.poll().is_pending());
      put(pipe.writer.fd(), "x");
      CHECK(turned.calls() == 0);
      step("the driver asks the kernel once");
      CHECK(turned.turn());
      CHECK(turned.calls() == 1);
      CHECK(readable.poll().is_ready());
    }
    CHECK(turned.calls() == 1);
  }

  TEST_CASE("descriptors that come and go allocate nothing, also while the driver does not look") {
    if (!nara::test::kSeesAllocations) return;
    Turned turned;
    Pipe pipe;
    (void)added(turned, pipe.reader).forget(pipe.reader.fd());
    const Cost cost;
    for (int i = 0; i < 1000; ++i) (void)added(turned, pipe.reader).forget(pipe.reader.fd());
    CHECK(cost.allocations() == 0);
  }

  TEST_CASE("the alarm is set for a deadline that is earlier, and for no other") {
    Turned turned;
    Pipe pipe;
    const Registered reader = added(turned, pipe.reader);
    const auto deadline = std::chrono::steady_clock::now() + 1h;
    const auto calls_of_park = [&](auto until) {
      put(pipe.writer.fd(), "x");  // So that it ends at once.
      (void)turned.calls();
      CHECK(turned.driver().park(until));
      return turned.calls();
    };
    step("the first deadline: timerfd_settime, and epoll_wait");
    CHECK(calls_of_park(deadline) == 2);
    step("the same, and later ones: epoll_wait");
    CHECK(calls_of_park(deadline) == 1);
    CHECK(calls_of_park(deadline + 1h) == 1);
    step("an earlier one");
    CHECK(calls_of_park(deadline - 1min) == 2);
    CHECK(calls_of_park(deadline) == 1);
    close(std::move(pipe.reader));
  }

  TEST_CASE("an unpark of a driver that is awake makes no system call") {
    Turned turned;
    turned.driver().unpark();
    turned.driver().unpark();
    CHECK(turned.calls() == 0);
    step("it is kept for the next park, which asks the kernel only once");
    CHECK(turned.driver().park(std::nullopt));
    CHECK(turned.calls() == 1);
  }

  TEST_CASE("descriptors on which nothing happens cost no poll, no turn, and no system call") {
    CurrentThread executor(EpollDriver::open().value());
    for (int number = 0; number < 100; ++number) {
      (void)executor.spawn(wait_for_ever, nara::sys::eventfd().value());
    }
    executor.block_on(let_run(100));
    const Counters before = executor.counters();
    executor.block_on(let_run(610));
    const Counters after = executor.counters();
    CHECK(after.turns - before.turns == 611);
    CHECK(after.looks - before.looks == 10);
    CHECK(after.system_calls - before.system_calls == 10);
  }

  TEST_CASE("a message costs two polls of who waits for it, one wake and two system calls") {
    CurrentThread executor(EpollDriver::open().value());
    executor.block_on([&]() -> Async<> {
      Pipe pipe;
      const Source reader = wrap(std::move(pipe.reader));
      const Source writer = wrap(std::move(pipe.writer));
      co_await send_and_receive(writer, reader, 1);
      const Counters before = executor.counters();
      co_await send_and_receive(writer, reader, 100);
      const Counters after = executor.counters();
      // Each time: write, epoll_wait, read. The task is polled once, when it is woken.
      CHECK(after.system_calls - before.system_calls == 300);
      CHECK(after.local_wakes - before.local_wakes == 100);
      CHECK(after.turns - before.turns == 100);
      CHECK(after.parks - before.parks == 100);
    });
  }

  TEST_CASE("a read that gives less than there was room for is followed by no second one") {
    Turned turned;
    Pipe pipe;
    const Source reader = wrap(std::move(pipe.reader));
    std::array<std::byte, 8> buffer{};
    const auto read = [&] {
      auto read = by_hand(reader.async_io(Interest::kReadable, ReadStream(buffer)));
      return read.poll().is_ready();
    };
    put(pipe.writer.fd(), "abc");
    CHECK(turned.turn());
    (void)turned.calls();
    CHECK(read());
    CHECK(turned.calls() == 1);
    CHECK_FALSE(read());
    CHECK(turned.calls() == 0);
    step("one that gives all that there was room for has to try again");
    put(pipe.writer.fd(), "abcdefgh");
    CHECK(turned.turn());
    (void)turned.calls();
    CHECK(read());
    CHECK_FALSE(read());
    CHECK(turned.calls() == 2);
  }

  TEST_CASE("a write that takes less than it was given is followed by no second one") {
    Turned turned;
    Pipe pipe;
    const Source writer = wrap(std::move(pipe.writer));
    CHECK(turned.turn());
    const std::vector<std::byte> much(1'000'000);
    (void)turned.calls();
    CHECK(by_hand(writer.async_io(Interest::kWritable, WriteStream(much))).poll().is_ready());
    CHECK(turned.calls() == 1);
    CHECK(by_hand(writer.async_io(Interest::kWritable, WriteStream(much))).poll().is_pending());
    CHECK(turned.calls() == 0);
  }

  TEST_CASE("to wait, to be woken and to try allocates nothing") {
    if (!nara::test::kSeesAllocations) return;
    Turned turned;
    Pipe pipe;
    const Source reader = wrap(std::move(pipe.reader));
    std::array<std::byte, 8> buffer{};
    const Cost cost;
    for (int round = 0; round < 10; ++round) {
      auto read = by_hand(reader.async_io(Interest::kReadable, ReadStream(buffer)));
      (void)read.poll();
      (void)::write(pipe.writer.fd(), "x", 1);
      (void)turned.turn();
      (void)read.poll();
      CHECK(read.wakes() == 1);
    }
    CHECK(cost.allocations() == 0);
  }

  TEST_CASE("a descriptor that comes after another has gone allocates nothing") {
    if (!nara::test::kSeesAllocations) return;
    Turned turned;
    Pipe pipe;
    const auto come_and_go = [&] {
      {
        const auto source = AsyncFd<int>::try_new(pipe.reader.fd()).value();
      }
      (void)turned.turn();
    };
    come_and_go();
    const Cost cost;
    for (int round = 0; round < 1000; ++round) come_and_go();
    CHECK(cost.allocations() == 0);
  }

  TEST_CASE("an event that came before the wait is not waited for: the first poll is the last") {
    Turned turned;
    Pipe pipe;
    const Source writer = wrap(std::move(pipe.writer));
    CHECK(turned.turn());
    (void)turned.calls();
    for (int round = 0; round < 100; ++round) {
      auto writable = by_hand(writer.writable());
      CHECK(writable.poll().is_ready());
      CHECK(writable.wakers_out() == 0);
    }
    CHECK(turned.calls() == 0);
  }
}
