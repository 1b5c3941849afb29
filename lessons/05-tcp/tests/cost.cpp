// What a connection costs, counted: the second medal.
#include <array>
#include <nara/counters.hpp>
#include <nara/current_thread.hpp>
#include <nara/net/buffer_pool.hpp>
#include <nara/reactor.hpp>
#include <nara/spawn.hpp>
#include <testkit/cost.hpp>
#include <vector>

#include "faults.hpp"
#include "net.hpp"

using nara::Counters;
using nara::CurrentThread;
using nara::EpollDriver;
using nara::net::Buffer;
using nara::net::BufferPool;
using nara::test::Cost;
using nara::test::kSeesAllocations;
using nara::test::let_run;

namespace {

Async<> echo(TcpStream stream) {
  std::array<std::byte, 64> buffer{};
  while (true) {
    const Result<std::size_t> size = co_await stream.read(buffer);
    if (!size || *size == 0) co_return;
    const auto got = std::span(buffer).first(*size);
    (void)co_await stream.write(got);
  }
}

Async<> echo_with(TcpStream stream, BufferPool& pool) {
  while (true) {
    const Result<Buffer> got = co_await stream.read_some(pool);
    if (!got || got->empty()) co_return;
    (void)co_await stream.write(got->bytes());
  }
}

Async<> round_trips(const TcpStream& stream, int times) {
  std::array<std::byte, 64> buffer{};
  for (int i = 0; i < times; ++i) {
    (void)co_await stream.write(as_bytes("ping"));
    (void)co_await stream.read(buffer);
  }
}

/// Counts the calls of each kind that a connection makes.
struct Calls {
  Script reads{Call::kRecv, {}};
  Script sends{Call::kSend, {}};
  Script controls{Call::kEpollCtl, {}};
};

/// What a hundred round trips cost, after a first one.
Async<> check_round_trips(CurrentThread& executor, const TcpStream& client) {
  co_await round_trips(client, 1);
  auto hundred = round_trips(client, 100);
  const Calls calls;
  const Counters before = executor.counters();
  const Cost cost;
  co_await hundred;
  const std::uint64_t allocations = cost.allocations();
  const Counters after = executor.counters();
  // Each time, on each side: write, epoll_wait, read.
  CHECK(after.system_calls - before.system_calls == 600);
  CHECK(after.parks - before.parks == 200);
  CHECK(after.turns - before.turns == 200);
  CHECK(after.local_wakes - before.local_wakes == 200);
  CHECK(calls.reads.calls() == 200);
  CHECK(calls.sends.calls() == 200);
  CHECK(calls.controls.calls() == 0);
  if (kSeesAllocations) CHECK(allocations == 0);
}

Async<> connect_and_close(const TcpListener& listener, SocketAddr address) {
  const auto client = co_await TcpStream::connect(address);
  REQUIRE(client.has_value());
  const auto accepted = co_await listener.accept();
  REQUIRE(accepted.has_value());
}

}  // namespace

TEST_SUITE("cost") {
  TEST_CASE("an echo costs a read and a write on each side, and each waits once in the kernel") {
    CurrentThread executor(EpollDriver::open().value());
    executor.block_on([&]() -> Async<> {
      Pair pair = co_await connected();
      (void)nara::spawn(echo(std::move(pair.server)));
      co_await check_round_trips(executor, pair.client);
    });
  }

  TEST_CASE("an echo with buffers of a pool costs the same") {
    CurrentThread executor(EpollDriver::open().value());
    BufferPool pool;
    executor.block_on([&]() -> Async<> {
      Pair pair = co_await connected();
      (void)nara::spawn(echo_with(std::move(pair.server), pool));
      co_await check_round_trips(executor, pair.client);
    });
  }

  TEST_CASE("a connection on which nothing happens costs no poll and no system call") {
    CurrentThread executor(EpollDriver::open().value());
    executor.block_on([&]() -> Async<> {
      const TcpListener listener = co_await listen();
      std::vector<TcpStream> silent;
      for (int i = 0; i < 100; ++i) {
        Pair pair = co_await connected_to(listener);
        (void)nara::spawn(echo(std::move(pair.server)));
        silent.push_back(std::move(pair.client));
      }
      Pair pair = co_await connected_to(listener);
      (void)nara::spawn(echo(std::move(pair.server)));
      co_await let_run(200);
      co_await check_round_trips(executor, pair.client);
    });
  }

  TEST_CASE("a write that takes less than it was given is followed by no second one") {
    TurnedPair pair;
    const std::string much(10'000'000, 'x');
    (void)pair.turned.calls();
    const auto size = by_hand(pair.client.write(as_bytes(much))).poll().value();
    REQUIRE(size.value() < much.size());
    CHECK(by_hand(pair.client.write(as_bytes(much))).poll().is_pending());
    CHECK(pair.turned.calls() == 1);
  }

  TEST_CASE("a connection costs nine system calls in its whole life, both sides together") {
    CurrentThread executor(EpollDriver::open().value());
    executor.block_on([&]() -> Async<> {
      const TcpListener listener = co_await listen();
      const SocketAddr address = listener.local_addr().value();
      co_await connect_and_close(listener, address);
      const Counters before = executor.counters();
      for (int i = 0; i < 10; ++i) co_await connect_and_close(listener, address);
      const Counters after = executor.counters();
      // socket, connect, epoll_ctl, epoll_wait, getsockopt; accept, epoll_ctl; close; close.
      CHECK(after.system_calls - before.system_calls == 90);
    });
  }

  TEST_CASE("to connect a socket and to accept allocates nothing, where another has been before") {
    if (!kSeesAllocations) return;
    Door door;
    {
      const Pair before = finish(door.turned, connected_to(door.listener));
    }
    const SocketAddr here = door.address();
    const Cost cost;
    {
      auto connecting = by_hand(TcpSocket::new_v4().value().connect(here));
      CHECK(connecting.poll().is_pending());
      while (!connecting.is_woken()) door.turned.driver().park(std::nullopt);
      const auto client = connecting.poll();
      auto accept = by_hand(door.listener.accept());
      const auto server = accept.poll();
      CHECK(client.is_ready());
      CHECK(server.is_ready());
    }
    CHECK(cost.allocations() == 0);
  }

  TEST_CASE("a stream takes no more room than its descriptor and its place in the reactor") {
    CHECK(sizeof(TcpStream) == 4 * sizeof(void*));
    CHECK(sizeof(TcpListener) == 5 * sizeof(void*));
  }
}
