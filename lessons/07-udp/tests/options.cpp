// What can be set on sockets of UDP: each setter by its getter, and by what it does.
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <initializer_list>
#include <utility>

#include "udp.hpp"

namespace {

/// An option as the kernel has it.
struct Option {
  int level;
  int name;
};

/// Sets each of the values, and reads it back.
template <class Value>
void check_option(const UdpSocket& socket, Option option, auto set, auto get,
                  std::initializer_list<Value> values) {
  for (const Value& value : values) {
    CHECK((socket.*set)(value).has_value());
    CHECK((socket.*get)().value() == value);
    CHECK(nara::sys::get_option<int>(socket.fd(), option.level, option.name) == value);
  }
}

}  // namespace

TEST_CASE("a socket has options, which are read as they were set") {
  using U = UdpSocket;
  for (const SocketAddr where : loopbacks()) {
    step("at ", where);
    const TurnedPair pair(where);
    const UdpSocket& socket = pair.left;
    const bool is_v4 = where.is_v4();
    CHECK(socket.broadcast() == false);
    check_option<bool>(socket, {SOL_SOCKET, SO_BROADCAST}, &U::set_broadcast, &U::broadcast,
                       {true, false});
    const Option ttl = is_v4 ? Option{IPPROTO_IP, IP_TTL} : Option{IPPROTO_IPV6, IPV6_UNICAST_HOPS};
    check_option<int>(socket, ttl, &U::set_ttl, &U::ttl, {1, 255, 42});
    const Option tos = is_v4 ? Option{IPPROTO_IP, IP_TOS} : Option{IPPROTO_IPV6, IPV6_TCLASS};
    check_option<int>(socket, tos, &U::set_tos, &U::tos, {0x10, 0xb8});
    CHECK(socket.take_error() == std::error_code());
    if (is_v4) {
      CHECK(socket.multicast_loop_v4() == true);
      check_option<bool>(socket, {IPPROTO_IP, IP_MULTICAST_LOOP}, &U::set_multicast_loop_v4,
                         &U::multicast_loop_v4, {false, true});
      CHECK(socket.multicast_ttl_v4() == 1);
      check_option<int>(socket, {IPPROTO_IP, IP_MULTICAST_TTL}, &U::set_multicast_ttl_v4,
                        &U::multicast_ttl_v4, {0, 255, 7});
      CHECK(error_of(socket.set_multicast_ttl_v4(256)) == std::errc::invalid_argument);
    } else {
      CHECK(socket.multicast_loop_v6() == true);
      check_option<bool>(socket, {IPPROTO_IPV6, IPV6_MULTICAST_LOOP}, &U::set_multicast_loop_v6,
                         &U::multicast_loop_v6, {false, true});
      CHECK(socket.multicast_hops_v6() == 1);
      check_option<int>(socket, {IPPROTO_IPV6, IPV6_MULTICAST_HOPS}, &U::set_multicast_hops_v6,
                        &U::multicast_hops_v6, {0, 255, 7});
      CHECK(error_of(socket.set_multicast_hops_v6(256)) == std::errc::invalid_argument);
    }
  }
}

TEST_CASE("Linux takes twice the number for a buffer, and says so") {
  const TurnedPair pair;
  CHECK(pair.left.set_send_buffer_size(4096).has_value());
  CHECK(pair.left.send_buffer_size() == 8192);
  CHECK(pair.left.set_recv_buffer_size(5000).has_value());
  CHECK(pair.left.recv_buffer_size() == 10000);
  CHECK(pair.left.send_buffer_size() == 8192);
}

TEST_CASE("what has no room in the receive buffer is thrown away, and nobody is told") {
  TurnedPair pair;
  REQUIRE(pair.right.set_recv_buffer_size(2304).has_value());  // The least that Linux takes.
  const std::string text(1000, 'x');
  for (int i = 0; i < 100; ++i) {
    CHECK(now(pair.left.send_to(as_bytes(text), pair.right_addr)) == text.size());
  }
  pair.turned.driver().park(std::nullopt);
  int arrived = 0;
  Buffer buffer{};
  while (pair.right.try_recv(buffer)) ++arrived;
  CHECK(arrived > 0);
  CHECK(arrived < 100);
  step("and there is room again");
  pair.deliver("hello");
  CHECK(received(pair.right) == "hello");
}

TEST_CASE("what has gone wrong is told once") {
  const DeadPort nobody;
  TurnedPair pair;
  CHECK(now(pair.left.connect(nobody.address())).has_value());
  CHECK(now(pair.left.send(as_bytes("anybody?"))) == 8);
  pair.await_error();
  CHECK(pair.left.take_error() == system_error(ECONNREFUSED));
  CHECK(pair.left.take_error() == std::error_code());
}

TEST_CASE("on what is no socket, every option is an error") {
  TurnedPair pair;
  UdpSocket& socket = pair.left;
  const IpAddr group = IpAddr::v4(239, 255, 7, 7);
  const UdpSocket moved = std::move(socket);
  const std::array errors{error_of(socket.local_addr()),
                          error_of(socket.peer_addr()),
                          error_of(socket.set_broadcast(true)),
                          error_of(socket.broadcast()),
                          error_of(socket.set_multicast_loop_v4(true)),
                          error_of(socket.multicast_loop_v4()),
                          error_of(socket.set_multicast_loop_v6(true)),
                          error_of(socket.multicast_loop_v6()),
                          error_of(socket.set_multicast_ttl_v4(1)),
                          error_of(socket.multicast_ttl_v4()),
                          error_of(socket.set_multicast_hops_v6(1)),
                          error_of(socket.multicast_hops_v6()),
                          error_of(socket.join_multicast_v4(group, IpAddr::any_v4())),
                          error_of(socket.leave_multicast_v4(group, IpAddr::any_v4())),
                          error_of(socket.join_multicast_v6(IpAddr::loopback_v6(), 0)),
                          error_of(socket.leave_multicast_v6(IpAddr::loopback_v6(), 0)),
                          error_of(socket.set_gro(true)),
                          error_of(socket.gro()),
                          error_of(socket.set_send_buffer_size(1)),
                          error_of(socket.recv_buffer_size())};
  for (const std::error_code error : errors) CHECK(error == std::errc::bad_file_descriptor);
}
