// What can be set on sockets: each setter by its getter, and by what it does.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <nara/net/options.hpp>
#include <optional>
#include <string>
#include <utility>

#include "net.hpp"

using namespace std::chrono_literals;

namespace {

using Linger = std::optional<std::chrono::seconds>;

TcpSocket socket_for(const SocketAddr& address) { return TcpSocket::new_for(address).value(); }

/// An option as the kernel has it.
struct Option {
  int level;
  int name;
};

constexpr Option kNoDelay{IPPROTO_TCP, TCP_NODELAY};
constexpr Option kQuickAck{IPPROTO_TCP, TCP_QUICKACK};
constexpr Option kKeepAlive{SOL_SOCKET, SO_KEEPALIVE};
constexpr Option kReuseAddr{SOL_SOCKET, SO_REUSEADDR};
constexpr Option kReusePort{SOL_SOCKET, SO_REUSEPORT};

int in_the_kernel(const auto& socket, Option option) {
  int value = 0;
  socklen_t size = sizeof value;
  CHECK(::getsockopt(socket.fd(), option.level, option.name, &value, &size) == 0);
  return value;
}

/// Sets each of the values, and reads it back.
template <class Value, class Socket>
void check_option(const Socket& socket, Option option, auto set, auto get,
                  std::initializer_list<Value> values) {
  for (const Value& value : values) {
    CHECK((socket.*set)(value).has_value());
    CHECK((socket.*get)().value() == value);
    CHECK(in_the_kernel(socket, option) == value);
  }
}

/// What every socket has.
template <class Socket>
void check_socket_options(const Socket& socket) {
  const bool is_v4 = socket.local_addr().value().is_v4();
  CHECK(socket.ttl().value() > 1);
  const Option ttl = is_v4 ? Option{IPPROTO_IP, IP_TTL} : Option{IPPROTO_IPV6, IPV6_UNICAST_HOPS};
  check_option<int>(socket, ttl, &Socket::set_ttl, &Socket::ttl, {1, 255, 42});
  CHECK(error_of(socket.set_ttl(256)) == std::errc::invalid_argument);
  CHECK(socket.tos() == 0);
  // Without the lowest bits, which TCP uses itself (RFC 3168).
  const Option tos = is_v4 ? Option{IPPROTO_IP, IP_TOS} : Option{IPPROTO_IPV6, IPV6_TCLASS};
  check_option<int>(socket, tos, &Socket::set_tos, &Socket::tos, {0x10, 0xb8});
  CHECK(socket.take_error() == std::error_code());
}

/// What every socket of TCP has.
template <class Socket>
void check_tcp_options(const Socket& socket) {
  CHECK(socket.nodelay() == false);
  check_option<bool>(socket, kNoDelay, &Socket::set_nodelay, &Socket::nodelay, {true, false});
  CHECK(socket.keepalive() == false);
  check_option<bool>(socket, kKeepAlive, &Socket::set_keepalive, &Socket::keepalive, {true, false});
  CHECK(socket.linger().value() == Linger());
  for (const Linger linger : {Linger(3s), Linger(0s), Linger()}) {
    CHECK(socket.set_linger(linger).has_value());
    CHECK(socket.linger().value() == linger);
  }
}

}  // namespace

TEST_CASE("a stream has options, which are read as they were set") {
  Turned turned;
  for (const SocketAddr where : loopbacks()) {
    step("at ", where);
    const Pair pair = finish(turned, connected(where));
    check_socket_options(pair.client);
    check_tcp_options(pair.client);
    check_option<bool>(pair.client, kQuickAck, &TcpStream::set_quickack, &TcpStream::quickack,
                       {false, true});
  }
}

TEST_CASE("a listener has options, which are read as they were set") {
  Turned turned;
  for (const SocketAddr where : loopbacks()) {
    step("at ", where);
    check_socket_options(finish(turned, listen(where)));
  }
}

TEST_CASE("a socket has options, which are read as they were set") {
  for (const SocketAddr where : loopbacks()) {
    step("for ", where);
    const TcpSocket socket = socket_for(where);
    check_socket_options(socket);
    check_tcp_options(socket);
    CHECK(socket.reuseaddr() == false);
    check_option<bool>(socket, kReuseAddr, &TcpSocket::set_reuseaddr, &TcpSocket::reuseaddr,
                       {true, false});
    CHECK(socket.reuseport() == false);
    check_option<bool>(socket, kReusePort, &TcpSocket::set_reuseport, &TcpSocket::reuseport,
                       {true, false});
  }
}

TEST_CASE("Linux takes twice the number for a buffer, and says so") {
  const TcpSocket socket = socket_for(kAnyPort);
  CHECK(socket.set_send_buffer_size(4096).has_value());
  CHECK(socket.send_buffer_size() == 8192);
  CHECK(socket.recv_buffer_size().value() > 8192);
  CHECK(socket.set_recv_buffer_size(5000).has_value());
  CHECK(socket.recv_buffer_size() == 10000);
  CHECK(socket.send_buffer_size() == 8192);
}

TEST_CASE("several listeners may share a port when all say so, and none when one does not") {
  Turned turned;
  TcpSocket first = socket_for(kAnyPort);
  TcpSocket second = socket_for(kAnyPort);
  const TcpSocket third = socket_for(kAnyPort);
  CHECK(first.set_reuseport(true).has_value());
  CHECK(second.set_reuseport(true).has_value());
  CHECK(first.bind(kAnyPort).has_value());
  const SocketAddr here = first.local_addr().value();
  CHECK(second.bind(here).has_value());
  CHECK(error_of(third.bind(here)) == std::errc::address_in_use);
  const auto one = std::move(first).listen(10);
  const auto other = std::move(second).listen(10);
  CHECK(one.has_value());
  CHECK(other.has_value());
}

TEST_CASE("a socket for IPv6 takes connections of IPv4, too, unless it is for IPv6 alone") {
  if (loopbacks().size() < 2) return;
  Turned turned;
  for (const bool only : {false, true}) {
    step("for IPv6 alone: ", only);
    TcpSocket socket = TcpSocket::new_v6().value();
    CHECK(socket.set_only_v6(only).has_value());
    CHECK(socket.only_v6() == only);
    CHECK(socket.bind(SocketAddr(IpAddr::any_v6(), 0)).has_value());
    const TcpListener listener = std::move(socket).listen(10).value();
    const SocketAddr v4(IpAddr::loopback_v4(), listener.local_addr().value().port());
    const auto stream = finish(turned, TcpStream::connect(v4));
    CHECK(stream.has_value() != only);
    if (stream) {
      const SocketAddr peer = finish(turned, listener.accept()).value().peer;
      CHECK(peer.ip().to_string() == "::ffff:127.0.0.1");
    }
  }
}

TEST_CASE("a socket may use one network interface alone") {
  const TcpSocket socket = socket_for(kAnyPort);
  CHECK(socket.device() == "");
  CHECK(error_of(socket.bind_device("nara-none")) == std::errc::no_such_device);
  CHECK(socket.bind_device("lo").has_value());
  CHECK(socket.device() == "lo");
  CHECK(socket.bind_device(std::string_view("lo0").substr(0, 2)).has_value());
  const Result<void> all = socket.bind_device("");
  if (!all) {
    CHECK(all.error() == std::errc::operation_not_permitted);  // It needs a right to leave it.
    return;
  }
  CHECK(socket.device() == "");
}

TEST_CASE("what has gone wrong is told once") {
  const DeadPort nobody;
  const TcpSocket socket = socket_for(kAnyPort);
  step("a connection is refused while nobody asks for it");
  (void)nara::sys::connect(socket.fd(), nobody.address());
  pollfd news{.fd = socket.fd(), .events = POLLOUT, .revents = 0};
  REQUIRE(::poll(&news, 1, -1) == 1);
  CHECK(socket.take_error() == system_error(ECONNREFUSED));
  CHECK(socket.take_error() == std::error_code());
}

TEST_CASE("without a socket, every option is an error") {
  TcpSocket socket = socket_for(kAnyPort);
  {
    const OwnedFd gone = std::move(socket).into_fd();
  }
  const std::array errors{error_of(socket.local_addr()),
                          error_of(socket.take_error()),
                          error_of(socket.set_ttl(1)),
                          error_of(socket.ttl()),
                          error_of(socket.set_tos(1)),
                          error_of(socket.tos()),
                          error_of(socket.set_nodelay(true)),
                          error_of(socket.nodelay()),
                          error_of(socket.set_keepalive(true)),
                          error_of(socket.keepalive()),
                          error_of(socket.set_linger(0s)),
                          error_of(socket.linger()),
                          error_of(socket.set_reuseaddr(true)),
                          error_of(socket.reuseaddr()),
                          error_of(socket.set_reuseport(true)),
                          error_of(socket.reuseport()),
                          error_of(socket.set_only_v6(true)),
                          error_of(socket.only_v6()),
                          error_of(socket.bind_device("lo")),
                          error_of(socket.device()),
                          error_of(socket.bind(kAnyPort)),
                          error_of(socket.send_buffer_size()),
                          error_of(socket.set_send_buffer_size(1)),
                          error_of(socket.recv_buffer_size()),
                          error_of(socket.set_recv_buffer_size(1))};
  for (const std::error_code error : errors) CHECK(error == std::errc::bad_file_descriptor);
}
