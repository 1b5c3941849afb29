// How a socket of UDP comes to be.
#include <cerrno>
#include <nara/misuse.hpp>
#include <nara/net/lookup.hpp>
#include <testkit/descriptors.hpp>
#include <vector>

#include "faults.hpp"
#include "udp.hpp"

using nara::Misuse;
using nara::net::Errc;
using nara::test::open_descriptors;

TEST_CASE("a socket has a port that the kernel has chosen, or the one that was asked for") {
  Turned turned;
  for (const SocketAddr where : loopbacks()) {
    step("at ", where);
    SocketAddr here;
    {
      const UdpSocket socket = now(UdpSocket::bind(where)).value();
      here = socket.local_addr().value();
      CHECK(here.ip() == where.ip());
      CHECK(here.port() != 0);
      CHECK(error_of(now(UdpSocket::bind(here))) == std::errc::address_in_use);
    }
    CHECK(now(UdpSocket::bind(here))->local_addr() == here);
  }
}

TEST_CASE("a socket is bound and connected by every form of an address") {
  run_with_drivers([]() -> Async<> {
    const UdpSocket here = co_await bound();
    const std::uint16_t port = here.local_addr().value().port();
    const auto check = [&](Result<UdpSocket> socket) -> Async<> {
      REQUIRE(socket.has_value());
      CHECK(socket->local_addr().value().ip().is_loopback());
      Result<void> connected = co_await socket->connect("127.0.0.1:" + std::to_string(port));
      CHECK(connected.has_value());
      connected = co_await socket->connect({"127.0.0.1", port});
      CHECK(connected.has_value());
      CHECK(socket->peer_addr() == here.local_addr());
    };
    Result<UdpSocket> socket = co_await UdpSocket::bind("127.0.0.1:0");
    co_await check(std::move(socket));
    socket = co_await UdpSocket::bind({"127.0.0.1", 0});
    co_await check(std::move(socket));
    const std::vector several{here.local_addr().value(), kAnyPort};
    step("the first cannot be had");
    socket = co_await UdpSocket::bind(several);
    co_await check(std::move(socket));
  });
}

TEST_CASE("a host that has a name is looked up") {
  run_with_drivers([]() -> Async<> {
    const UdpSocket here = co_await bound();
    const std::uint16_t port = here.local_addr().value().port();
    const Result<UdpSocket> socket = co_await UdpSocket::bind({kHere, 0});
    REQUIRE(socket.has_value());
    CHECK(socket->local_addr().value().ip().is_loopback());
    const UdpSocket v4 = co_await bound();
    const Result<void> connected = co_await v4.connect({kHere, port});
    CHECK(connected.has_value());
    CHECK(v4.peer_addr() == here.local_addr());
  });
}

TEST_CASE("of several to connect with, the first that can be reached is taken") {
  TurnedPair pair;
  const SocketAddr v6(IpAddr::loopback_v6(), 9);
  const std::vector several{v6, pair.right_addr, pair.left_addr};
  CHECK(now(pair.left.connect(several)).has_value());
  CHECK(pair.left.peer_addr() == pair.right_addr);
  step("when none can be, the last error is given, and nothing changes");
  CHECK(error_of(now(pair.left.connect(v6))) == std::errc::address_family_not_supported);
  CHECK(pair.left.peer_addr() == pair.right_addr);
}

TEST_CASE("of several to bind, the first that can be had is taken") {
  const TurnedPair pair;
  const SocketAddr elsewhere(IpAddr::v4(192, 0, 2, 77), 0);
  const SocketAddr other(IpAddr::v4(127, 0, 0, 2), 0);
  const std::vector several{pair.left_addr, kAnyPort, other};
  CHECK(now(UdpSocket::bind(several))->local_addr().value().ip() == kAnyPort.ip());
  step("when none can be, the last error is given");
  const std::vector none{pair.left_addr, elsewhere};
  CHECK(error_of(now(UdpSocket::bind(none))) == std::errc::address_not_available);
}

TEST_CASE("what is no address is an error") {
  TurnedPair pair;
  CHECK(error_of(now(UdpSocket::bind("nonsense"))) == Errc::kMalformedAddress);
  CHECK(error_of(now(pair.left.connect("nonsense"))) == Errc::kMalformedAddress);
  const std::vector<SocketAddr> none;
  CHECK(error_of(now(UdpSocket::bind(none))) == Errc::kNoSuchHost);
  CHECK(error_of(now(pair.left.connect(none))) == Errc::kNoSuchHost);
  const SocketAddr elsewhere(IpAddr::v4(192, 0, 2, 77), 0);
  CHECK(error_of(now(UdpSocket::bind(elsewhere))) == std::errc::address_not_available);
}

TEST_CASE("each step to a socket may fail, and then it is closed") {
  const Turned turned;
  const std::ptrdiff_t before = open_descriptors();
  const auto check = [&](Call call, int error, auto make) {
    step("call ", static_cast<int>(call));
    const Script script(call, {error});
    CHECK(error_of(make()) == system_error(error));
    CHECK(open_descriptors() == before);
  };
  const auto bind = [] { return now(UdpSocket::bind(kAnyPort)); };
  const auto bind_shared = [] { return UdpSocket::bind_shared(kAnyPort); };
  check(Call::kSocket, EMFILE, bind);
  check(Call::kBind, EACCES, bind);
  check(Call::kEpollCtl, ENOSPC, bind);
  check(Call::kSocket, EMFILE, bind_shared);
  check(Call::kSetSockOpt, EPERM, bind_shared);
  check(Call::kBind, EACCES, bind_shared);
  check(Call::kEpollCtl, ENOSPC, bind_shared);
}

TEST_CASE("a socket without a runtime is a misuse") {
  const std::ptrdiff_t before = open_descriptors();
  CHECK_THROWS_AS((void)now(UdpSocket::bind(kAnyPort)), Misuse);
  CHECK_THROWS_AS((void)UdpSocket::bind_shared(kAnyPort), Misuse);
  CHECK(open_descriptors() == before);
}

TEST_CASE("several may have one address when all share it, and none when one does not") {
  Turned turned;
  const UdpSocket first = UdpSocket::bind_shared(kAnyPort).value();
  const SocketAddr here = first.local_addr().value();
  const UdpSocket second = UdpSocket::bind_shared(here).value();
  CHECK(second.local_addr() == here);
  CHECK(error_of(now(UdpSocket::bind(here))) == std::errc::address_in_use);
  const UdpSocket alone = now(UdpSocket::bind(kAnyPort)).value();
  CHECK(error_of(UdpSocket::bind_shared(alone.local_addr().value())) == std::errc::address_in_use);
  step("each datagram comes to one of them");
  const UdpSocket sender = now(UdpSocket::bind(kAnyPort)).value();
  while (turned.turn()) continue;
  Buffer buffer{};
  for (int i = 0; i < 10; ++i) {
    CHECK(now(sender.send_to(as_bytes("x"), here)) == 1);
    const auto got = [&] { return first.try_recv(buffer) || second.try_recv(buffer); };
    while (!got()) turned.driver().park(std::nullopt);
    CHECK_FALSE(got());
  }
}

TEST_CASE("an address is shared with who lets it be shared in one way alone, too") {
  const Turned turned;
  for (const int option : {SO_REUSEADDR, SO_REUSEPORT}) {
    const OwnedFd other = nara::sys::socket(AF_INET, SOCK_DGRAM).value();
    CHECK(nara::sys::set_option(other.fd(), SOL_SOCKET, option, 1).has_value());
    CHECK(nara::sys::bind(other.fd(), kAnyPort).has_value());
    const SocketAddr here = nara::sys::local_addr(other.fd()).value();
    CHECK(UdpSocket::bind_shared(here).has_value());
  }
}
