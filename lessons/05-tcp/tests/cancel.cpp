// Whatever waits can be destroyed at each point where it waits, and then all goes on.
#include <sys/uio.h>

#include <array>
#include <nara/net/buffer_pool.hpp>
#include <nara/spawn.hpp>
#include <nara/time/timeout.hpp>
#include <string>
#include <testkit/by_hand.hpp>
#include <utility>

#include "net.hpp"

using namespace std::chrono_literals;
using nara::net::BufferPool;
using nara::test::destroy_at_every_suspension;
using nara::test::let_run;

namespace {

/// Lets the driver wait until there is something.
void wait_in(Turned& turned) { turned.driver().park(std::nullopt); }

/// Takes all that there is to read, and what is known of it.
void drain(const TcpStream& stream) {
  std::array<std::byte, 100> buffer{};
  while (stream.try_read(buffer)) continue;
}

}  // namespace

TEST_CASE("connecting and accepting can be given up at any point, and then they work") {
  Door door;
  const SocketAddr here = door.address();
  const auto go_on = [&](int) { wait_in(door.turned); };
  step("the stream's connect()");
  CHECK(destroy_at_every_suspension([&] { return TcpStream::connect(here); }, go_on) == 1);
  step("the socket's connect()");
  CHECK(destroy_at_every_suspension([&] { return TcpSocket::new_v4().value().connect(here); },
                                    go_on) == 1);
  step("bind()");
  CHECK(destroy_at_every_suspension([] { return TcpListener::bind(kAnyPort); }, go_on) == 0);
  step("both ends at once, by one who does both");
  CHECK(destroy_at_every_suspension([&] { return connected(); }, go_on) >= 1);
  step("what was connected so far is there, or was given up before");
  const auto gone = [&] { return by_hand(door.listener.accept()).poll().is_pending(); };
  while (!gone()) continue;
  const TcpStream client = door.knock();
  CHECK(door.take().peer == client.local_addr());
  step("accept()");
  std::vector<TcpStream> clients;
  const auto make = [&] {
    while (!gone()) continue;
    return door.listener.accept();
  };
  const auto knock = [&](int) { clients.push_back(door.knock()); };
  CHECK(destroy_at_every_suspension(make, knock) == 1);
}

TEST_CASE("reading can be given up at any point, and no byte is lost") {
  TurnedPair pair;
  BufferPool pool(10);
  std::array<std::byte, 10> buffer{};
  const std::array pieces{iovec{.iov_base = buffer.data(), .iov_len = buffer.size()}};
  const auto check = [&](const char* what, auto make) {
    step(what);
    const auto afresh = [&] {
      drain(pair.client);
      return make();
    };
    CHECK(destroy_at_every_suspension(afresh, [&](int) { pair.deliver(); }) == 1);
    drain(pair.client);
    auto given_up = by_hand(make());
    CHECK(given_up.poll().is_pending());
    pair.deliver("abc");
    CHECK(given_up.is_woken());
    given_up.cancel();
    CHECK(finish(pair.turned, read_text(pair.client)) == "abc");
  };
  check("read()", [&] { return pair.client.read(buffer); });
  check("read_some()", [&] { return pair.client.read_some(pool); });
  check("peek()", [&] { return pair.client.peek(buffer); });
  check("read_vectored()", [&] { return pair.client.read_vectored(pieces); });
  check("readable()", [&] { return pair.client.readable(); });
  check("ready()", [&] { return pair.client.ready(Interest::kReadable); });
}

TEST_CASE("writing can be given up at any point, and nothing was written") {
  TurnedPair pair;
  std::string bytes = "never";
  const std::array pieces{iovec{.iov_base = bytes.data(), .iov_len = bytes.size()}};
  std::size_t filled = 0;
  const auto make_room = [&](int) {
    CHECK(finish(pair.turned, read_exactly(pair.server, filled)) == std::string(filled, 'x'));
    filled = 0;
    while (by_hand(pair.client.writable()).poll().is_pending()) wait_in(pair.turned);
  };
  const auto check = [&](const char* what, auto make) {
    step(what);
    filled = fill(pair.turned, pair.client);
    auto given_up = by_hand(make());
    CHECK(given_up.poll().is_pending());
    make_room(1);
    CHECK(given_up.is_woken());
    given_up.cancel();
    CHECK(given_up.wakers_out() == 0);
    (void)pair.turned.turn();
    std::array<std::byte, 1> byte{};
    CHECK(nara::io::is_would_block(pair.server.try_read(byte).error()));
  };
  check("write()", [&] { return pair.client.write(as_bytes(bytes)); });
  check("write_vectored()", [&] { return pair.client.write_vectored(pieces); });
  check("writable()", [&] { return pair.client.writable(); });
}

TEST_CASE("a read that lost against a timeout leaves the bytes to the next one") {
  nara::test::run_paused([]() -> Async<> {
    const Pair pair = co_await connected();
    const auto nothing = co_await nara::time::timeout(1s, read_text(pair.client));
    CHECK_FALSE(nothing.has_value());
    co_await write_all(pair.server, "late");
    const auto text = co_await read_text(pair.client);
    CHECK(text == "late");
  });
}

TEST_CASE(
    "tasks that are aborted while they connect, accept, read and write leave nothing behind") {
  run_with_drivers([]() -> Async<> {
    const TcpListener listener = co_await listen();
    const Pair pair = co_await connected_to(listener);
    for (int round = 0; round < 20; ++round) {
      auto connect = nara::spawn(TcpStream::connect(listener.local_addr().value()));
      auto accept = nara::spawn(listener.accept());
      auto read = nara::spawn(read_text(pair.client));
      auto again = nara::spawn(connected());
      co_await let_run(round);
      connect.abort();
      accept.abort();
      read.abort();
      again.abort();
    }
    co_await let_run();
    step("and then all works");
    while (true) {
      const auto left = co_await nara::time::timeout(0s, listener.accept());
      if (!left) break;
    }
    const Pair next = co_await connected_to(listener);
    co_await write_all(next.client, "hello");
    co_await write_all(pair.server, "there");
    const std::string hello = co_await read_exactly(next.server, 5);
    const std::string there = co_await read_exactly(pair.client, 5);
    CHECK(hello == "hello");
    CHECK(there == "there");
  });
}
