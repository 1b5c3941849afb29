// What datagrams cost, counted: the second medal.
#include <nara/counters.hpp>
#include <nara/current_thread.hpp>
#include <nara/reactor.hpp>
#include <nara/spawn.hpp>
#include <testkit/cost.hpp>
#include <vector>

#include "faults.hpp"
#include "udp.hpp"

using nara::Counters;
using nara::CurrentThread;
using nara::EpollDriver;
using nara::test::Cost;
using nara::test::kSeesAllocations;
using nara::test::let_run;

namespace {

Async<> echo(UdpSocket socket) {
  Buffer buffer{};
  while (true) {
    const Result<ReceivedFrom> got = co_await socket.recv_from(buffer);
    if (!got) co_return;
    const auto bytes = std::span(buffer).first(got->size);
    (void)co_await socket.send_to(bytes, got->from);
  }
}

Async<> echo_in_batches(UdpSocket socket) {
  RecvBatch batch(32, 100);
  while (true) {
    const Result<std::size_t> got = co_await socket.recv_batch(batch);
    if (!got) co_return;
    (void)co_await socket.send_batch(batch);
  }
}

Async<> round_trips(const UdpSocket& socket, int times) {
  Buffer buffer{};
  for (int i = 0; i < times; ++i) {
    (void)co_await socket.send(as_bytes("ping"));
    (void)co_await socket.recv(buffer);
  }
}

Async<UdpSocket> client_of(const UdpSocket& server) {
  UdpSocket client = co_await bound();
  const Result<void> connected = co_await client.connect(server.local_addr().value());
  REQUIRE(connected.has_value());
  co_return client;
}

/// What a hundred round trips cost, after a first one.
Async<> check_round_trips(CurrentThread& executor, const UdpSocket& client) {
  co_await round_trips(client, 1);
  auto hundred = round_trips(client, 100);
  const Script receives(Call::kRecv, {});
  const Script receives_from(Call::kRecvFrom, {});
  const Script sends(Call::kSend, {});
  const Script sends_to(Call::kSendTo, {});
  const Script controls(Call::kEpollCtl, {});
  const Counters before = executor.counters();
  const Cost cost;
  co_await hundred;
  const std::uint64_t allocations = cost.allocations();
  const Counters after = executor.counters();
  // Each time, on each side: a send, a receive that finds nothing any more, epoll_wait, a receive.
  CHECK(after.system_calls - before.system_calls == 800);
  CHECK(after.parks - before.parks == 200);
  CHECK(after.local_wakes - before.local_wakes == 200);
  CHECK(sends.calls() == 100);
  CHECK(sends_to.calls() == 100);
  CHECK(receives.calls() == 200);
  CHECK(receives_from.calls() == 200);
  CHECK(controls.calls() == 0);
  if (kSeesAllocations) CHECK(allocations == 0);
}

}  // namespace

TEST_SUITE("cost") {
  TEST_CASE("a round trip costs a send and a receive on each side, and one try in vain") {
    CurrentThread executor(EpollDriver::open().value());
    executor.block_on([&]() -> Async<> {
      UdpSocket server = co_await bound();
      const UdpSocket client = co_await client_of(server);
      (void)nara::spawn(echo(std::move(server)));
      co_await check_round_trips(executor, client);
    });
  }

  TEST_CASE("a socket on which nothing happens costs no poll and no system call") {
    CurrentThread executor(EpollDriver::open().value());
    executor.block_on([&]() -> Async<> {
      for (int i = 0; i < 100; ++i) {
        UdpSocket silent = co_await bound();
        (void)nara::spawn(echo(std::move(silent)));
      }
      UdpSocket server = co_await bound();
      const UdpSocket client = co_await client_of(server);
      (void)nara::spawn(echo(std::move(server)));
      co_await let_run(200);
      co_await check_round_trips(executor, client);
    });
  }

  TEST_CASE("while there are datagrams, each costs one receive and nothing else") {
    TurnedPair pair;
    Buffer buffer{};
    for (int i = 0; i < 10; ++i) deliver(pair.left, pair.right, "x");
    pair.turn();
    (void)pair.turned.calls();
    for (int i = 0; i < 10; ++i) CHECK(now(pair.right.recv_from(buffer)).has_value());
    CHECK(pair.turned.calls() == 10);
  }

  TEST_CASE("a batch of 32 datagrams costs one system call to send, and one to receive") {
    TurnedPair pair;
    RecvBatch batch(32, 100);
    const std::vector<Datagram> all(32, {.bytes = as_bytes("x"), .peer = pair.right_addr});
    (void)pair.turned.calls();
    REQUIRE(now(pair.left.send_batch(all)) == 32);
    CHECK(pair.turned.calls() == 1);
    step("all of them arrive");
    ::deliver(pair.right, pair.left, "x");
    while (waiting_memory(pair.right) < 32 * waiting_memory(pair.left)) ::sched_yield();
    pair.turn();
    (void)pair.turned.calls();
    CHECK(now(pair.right.recv_batch(batch)) == 32);
    CHECK(pair.turned.calls() == 1);
  }

  TEST_CASE("after a batch that was not filled, no try is made until something comes") {
    TurnedPair pair;
    RecvBatch batch(32, 100);
    pair.deliver("x");
    (void)pair.turned.calls();
    CHECK(now(pair.right.recv_batch(batch)) == 1);
    CHECK(by_hand(pair.right.recv_batch(batch)).poll().is_pending());
    CHECK(pair.turned.calls() == 1);
  }

  TEST_CASE("an echo in batches waits once for all that is there, and allocates nothing") {
    CurrentThread executor(EpollDriver::open().value());
    executor.block_on([&]() -> Async<> {
      UdpSocket server = co_await bound();
      const UdpSocket client = co_await client_of(server);
      (void)nara::spawn(echo_in_batches(std::move(server)));
      co_await round_trips(client, 2);
      auto hundred = round_trips(client, 100);
      const Script receives(Call::kRecvMMsg, {});
      const Script sends(Call::kSendMMsg, {});
      const Cost cost;
      co_await hundred;
      const std::uint64_t allocations = cost.allocations();
      CHECK(receives.calls() == 100);
      CHECK(sends.calls() == 100);
      if (kSeesAllocations) CHECK(allocations == 0);
    });
  }

  TEST_CASE("the poll functions allocate once for each direction, and then never") {
    if (!kSeesAllocations) return;
    TurnedPair pair;
    Buffer buffer{};
    const nara::Waker nobody = nara::Waker::noop();
    nara::Context context(nobody);
    const auto poll_both = [&] {
      CHECK(pair.right.poll_recv_from(context, buffer).is_pending());
      CHECK(pair.right.poll_send_to(context, as_bytes("x"), pair.left_addr).is_ready());
    };
    poll_both();
    const Cost cost;
    for (int i = 0; i < 10; ++i) poll_both();
    CHECK(cost.allocations() == 0);
  }

  TEST_CASE("a socket costs four system calls in its whole life, one of them epoll_ctl") {
    Turned turned;
    (void)turned.calls();
    {
      const UdpSocket socket = now(UdpSocket::bind(kAnyPort)).value();
    }
    CHECK(turned.calls() == 4);  // socket, bind, epoll_ctl; close.
  }

  TEST_CASE("a socket takes no more room than its descriptor and what poll functions wait with") {
    CHECK(sizeof(UdpSocket) == 6 * sizeof(void*));
  }
}
