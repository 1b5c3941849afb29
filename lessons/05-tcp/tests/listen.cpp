// Taking a place where connections come in.
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <nara/misuse.hpp>
#include <nara/net/lookup.hpp>
#include <optional>
#include <testkit/descriptors.hpp>
#include <utility>
#include <vector>

#include "faults.hpp"
#include "net.hpp"

using nara::Misuse;
using nara::net::Errc;
using nara::test::open_descriptors;

namespace {

/// How many connections may wait to be accepted.
int backlog_of(const TcpListener& listener) {
  return static_cast<int>(
      nara::sys::get_option<tcp_info>(listener.fd(), IPPROTO_TCP, TCP_INFO).value().tcpi_sacked);
}

Result<TcpListener> bound(Turned& turned, nara::net::ToSocketAddrs where) {
  return finish(turned, TcpListener::bind(std::move(where)));
}

}  // namespace

TEST_CASE("a listener has a port, and knows who comes") {
  Turned turned;
  for (const SocketAddr where : loopbacks()) {
    step("listen at ", where);
    const TcpListener listener = finish(turned, listen(where));
    CHECK(listener.local_addr().value().ip() == where.ip());
    CHECK(listener.local_addr().value().port() != 0);
    const TcpStream client =
        finish(turned, TcpStream::connect(listener.local_addr().value())).value();
    const Accepted accepted = finish(turned, listener.accept()).value();
    CHECK(accepted.peer == client.local_addr());
    CHECK(accepted.stream.peer_addr() == client.local_addr());
  }
}

TEST_CASE("a listener takes its place in every form in which it can be given") {
  const Names names{{"here.test", {"127.0.0.1"}}};
  run_with_drivers([]() -> Async<> {
    std::vector<Result<TcpListener>> listeners;
    const auto add = [&](Result<TcpListener> next) { listeners.push_back(std::move(next)); };
    Result<TcpListener> next = co_await TcpListener::bind("127.0.0.1:0");
    add(std::move(next));
    next = co_await TcpListener::bind("here.test:0");
    add(std::move(next));
    next = co_await TcpListener::bind({"here.test", 0});
    add(std::move(next));
    next = co_await TcpListener::bind({"127.0.0.1", 0});
    add(std::move(next));
    for (const SocketAddr where : loopbacks()) {
      next = co_await TcpListener::bind(where);
      add(std::move(next));
      next = co_await TcpListener::bind(where.to_string());
      add(std::move(next));
    }
    for (const auto& listener : listeners) {
      REQUIRE(listener.has_value());
      const Pair pair = co_await connected_to(*listener);
      CHECK(pair.client.peer_addr() == pair.server.local_addr());
    }
  });
}

TEST_CASE("a listener lets 1,024 connections wait, or as many as the system allows") {
  Door door;
  int most = 0;
  std::ifstream("/proc/sys/net/core/somaxconn") >> most;
  CHECK(backlog_of(door.listener) == std::min(1024, most));
}

TEST_CASE("a place that is taken is taken, until its listener goes") {
  Turned turned;
  std::optional<TcpListener> first = finish(turned, listen());
  const SocketAddr where = first->local_addr().value();
  CHECK(error_of(bound(turned, where)) == std::errc::address_in_use);
  step("a connection lingers: the listener's side has ended it first");
  {
    Pair pair = finish(turned, connected_to(*first));
    const TcpStream server = std::move(pair.server);
    CHECK(finish(turned, server.shutdown()).has_value());
    CHECK(finish(turned, read_text(pair.client)) == "");
    CHECK(finish(turned, pair.client.shutdown()).has_value());
    CHECK(finish(turned, read_text(server)) == "");
  }
  first.reset();
  CHECK(bound(turned, where).has_value());
}

TEST_CASE("a listener takes the first place that it can have, and else gives the last error") {
  Turned turned;
  const TcpListener taken = finish(turned, listen());
  const SocketAddr here = taken.local_addr().value();
  const SocketAddr elsewhere(IpAddr::v4(192, 0, 2, 1), 0);  // For documentation: nobody has it.
  const auto listener = bound(turned, std::vector{here, kAnyPort, elsewhere});
  REQUIRE(listener.has_value());
  CHECK(listener->local_addr().value().ip() == kAnyPort.ip());
  CHECK(error_of(bound(turned, std::vector{elsewhere, here})) == std::errc::address_in_use);
  CHECK(error_of(bound(turned, std::vector{here, elsewhere})) == std::errc::address_not_available);
  CHECK(error_of(bound(turned, "nowhere")) == Errc::kMalformedAddress);
  CHECK(error_of(bound(turned, std::vector<SocketAddr>())) == Errc::kNoSuchHost);
}

TEST_CASE("whatever goes wrong when a listener is made is given, and leaves nothing behind") {
  Turned turned;
  const std::ptrdiff_t before = open_descriptors();
  for (const Call call :
       {Call::kSocket, Call::kSetSockOpt, Call::kBind, Call::kListen, Call::kEpollCtl}) {
    Script script(call, {ENOMEM});
    CHECK(error_of(bound(turned, kAnyPort)) == std::errc::not_enough_memory);
    CHECK(script.calls() == 1);
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("a listener needs a runtime with a reactor") {
  const std::ptrdiff_t before = open_descriptors();
  CHECK_THROWS_AS((void)by_hand(TcpListener::bind(kAnyPort)).poll(), Misuse);
  const nara::Services none{};
  const nara::Current inside(none);
  CHECK_THROWS_WITH_AS(
      (void)by_hand(TcpListener::bind(kAnyPort)).poll(),
      "AsyncFd needs a runtime that does input and output: build it with enable_io()", Misuse);
  CHECK(open_descriptors() == before);
}

TEST_CASE("who connects to a listener that is gone is refused, also who waited to be accepted") {
  Door door;
  const TcpStream waiting = door.knock();
  const SocketAddr address = door.address();
  {
    const TcpListener gone = std::move(door.listener);
  }
  CHECK(error_of(finish(door.turned, TcpStream::connect(address))) ==
        std::errc::connection_refused);
  CHECK(error_of(finish(door.turned, read_text(waiting))) == std::errc::connection_reset);
}
