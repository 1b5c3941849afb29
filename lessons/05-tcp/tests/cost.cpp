// What a connection costs, counted.
#include <array>
#include <nara/counters.hpp>
#include <nara/current_thread.hpp>
#include <nara/reactor.hpp>
#include <nara/spawn.hpp>

#include "net.hpp"

using nara::Counters;
using nara::CurrentThread;
using nara::EpollDriver;

namespace {

Async<> echo(TcpStream stream) {
  std::array<std::byte, 64> buffer{};
  while (true) {
    const nara::io::Result<std::size_t> size = co_await stream.read(buffer);
    if (!size || *size == 0) co_return;
    const auto got = std::span(buffer).first(*size);
    (void)co_await stream.write(got);
  }
}

Async<> round_trips(const TcpStream& stream, int times) {
  std::array<std::byte, 64> buffer{};
  for (int i = 0; i < times; ++i) {
    (void)co_await stream.write(as_bytes("ping"));
    (void)co_await stream.read(buffer);
  }
}

}  // namespace

TEST_SUITE("cost") {
  TEST_CASE("an echo costs a read and a write on each side, and each waits once in the kernel") {
    CurrentThread executor(EpollDriver::open().value());
    executor.block_on([&]() -> Async<> {
      Pair pair = co_await connected();
      (void)nara::spawn(echo(std::move(pair.server)));
      co_await round_trips(pair.client, 1);
      const Counters before = executor.counters();
      co_await round_trips(pair.client, 100);
      const Counters after = executor.counters();
      // write, epoll_wait, read, write, epoll_wait, read.
      CHECK(after.system_calls - before.system_calls == 600);
    });
  }
}
