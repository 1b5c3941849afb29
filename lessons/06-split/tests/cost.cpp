// What halves cost, counted: the second medal.
#include <nara/current_thread.hpp>
#include <nara/io/copy.hpp>
#include <nara/net/split.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/reactor.hpp>
#include <testkit/cost.hpp>
#include <testkit/net.hpp>

#include "streams.hpp"

using nara::CurrentThread;
using nara::EpollDriver;
using nara::net::TcpStream;
using nara::test::Cost;

namespace {

/// How many system calls `work()` makes.
template <class F>
std::uint64_t calls(CurrentThread& executor, F work) {
  const std::uint64_t before = executor.counters().system_calls;
  work();
  return executor.counters().system_calls - before;
}

Async<> split_and_end(CurrentThread& executor) {
  const auto listener = nara::test::listen();
  TcpStream stream = co_await nara::test::connect(listener.local_addr().value());
  step(
      "to split a stream allocates once, to make it whole again does not; neither asks the kernel");
  std::uint64_t allocations = 0;
  CHECK(calls(executor, [&] {
          const Cost cost;
          auto [reader, writer] = into_split(std::move(stream));
          stream = reunite(std::move(reader), std::move(writer)).value();
          allocations = cost.allocations();
        }) == 0);
  if (nara::test::kSeesAllocations) CHECK(allocations == 1);
  step("the end of both halves is a shutdown and a close");
  CHECK(calls(executor, [&] { (void)into_split(std::move(stream)); }) == 2);
}

}  // namespace

TEST_SUITE("cost") {
  TEST_CASE("an owned split costs one allocation, and its end one system call more") {
    CurrentThread executor(EpollDriver::open().value());
    executor.block_on(split_and_end(executor));
  }

  TEST_CASE("a copy that never waits reads and writes each piece once") {
    Counted from(1000, std::string(10'000, 'x'));
    Counted to(1000);
    CHECK(now(nara::io::copy(from, to)) == 10'000);
    CHECK(from.reads == 11);
    CHECK(to.writes == 10);
    CHECK(to.flushes == 1);
  }
}
