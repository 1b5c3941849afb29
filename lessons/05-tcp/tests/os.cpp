// How the layer treats the system: descriptors, signals, and each system call.
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <nara/sys/socket.hpp>
#include <string>
#include <testkit/descriptors.hpp>
#include <utility>

#include "faults.hpp"
#include "net.hpp"

using nara::test::is_closed_on_exec;
using nara::test::is_non_blocking;

namespace {

std::atomic<int> broken_pipes = 0;

/// While it lives, each SIGPIPE is counted.
class CountBrokenPipes {
 public:
  CountBrokenPipes() {
    broken_pipes = 0;
    struct sigaction action{};
    action.sa_handler = [](int) { ++broken_pipes; };
    ::sigaction(SIGPIPE, &action, &before_);
  }
  CountBrokenPipes(const CountBrokenPipes&) = delete;
  CountBrokenPipes& operator=(const CountBrokenPipes&) = delete;
  ~CountBrokenPipes() { ::sigaction(SIGPIPE, &before_, nullptr); }

 private:
  struct sigaction before_{};
};

}  // namespace

TEST_CASE("every socket is closed on exec, and does not block") {
  Door door;
  const TcpStream client = door.knock();
  const Accepted accepted = door.take();
  const TcpSocket v4 = TcpSocket::new_v4().value();
  const OwnedFd datagrams = nara::sys::socket(AF_INET, SOCK_DGRAM).value();
  for (const int descriptor :
       {door.listener.fd(), client.fd(), accepted.stream.fd(), v4.fd(), datagrams.fd()}) {
    CHECK(is_closed_on_exec(descriptor));
    CHECK(is_non_blocking(descriptor));
  }
}

TEST_CASE("writing to who is gone is EPIPE on every path, and no signal comes") {
  TurnedPair pair;
  REQUIRE(by_hand(pair.client.shutdown()).poll().is_ready());
  std::array<std::byte, 1> byte{};
  const std::array pieces{iovec{.iov_base = byte.data(), .iov_len = 1}};
  const CountBrokenPipes count;
  CHECK(error_of(by_hand(pair.client.write(byte)).poll().value()) == std::errc::broken_pipe);
  CHECK(error_of(by_hand(pair.client.write_vectored(pieces)).poll().value()) ==
        std::errc::broken_pipe);
  CHECK(error_of(pair.client.try_write(byte)) == std::errc::broken_pipe);
  CHECK(error_of(pair.client.try_write_vectored(pieces)) == std::errc::broken_pipe);
  CHECK(broken_pipes == 0);
  step("without the library, there would be one");
  CHECK(::write(pair.client.fd(), byte.data(), 1) == -1);
  CHECK(broken_pipes == 1);
}

TEST_CASE("a call that a signal interrupts is made again, and nobody is told") {
  TurnedPair pair;
  std::array<std::byte, 100> buffer{};
  const std::array pieces{iovec{.iov_base = buffer.data(), .iov_len = buffer.size()}};
  const auto check = [&](Call call, auto act) {
    step("call ", static_cast<int>(call));
    pair.deliver();
    Script script(call, {EINTR, EINTR});
    CHECK(act().has_value());
    CHECK(script.calls() == 3);
  };
  const auto now = [](auto future) { return by_hand(std::move(future)).poll().value(); };
  check(Call::kRecv, [&] { return now(pair.client.read(buffer)); });
  check(Call::kRecv, [&] { return now(pair.client.peek(buffer)); });
  check(Call::kReadV, [&] { return now(pair.client.read_vectored(pieces)); });
  check(Call::kSend, [&] { return now(pair.client.write(buffer)); });
  check(Call::kSendMsg, [&] { return now(pair.client.write_vectored(pieces)); });
  check(Call::kShutdown, [&] { return now(pair.client.shutdown()); });
  check(Call::kGetSockName, [&] { return pair.client.local_addr(); });
  check(Call::kGetPeerName, [&] { return pair.client.peer_addr(); });
  check(Call::kSetSockOpt, [&] { return pair.client.set_nodelay(true); });
  check(Call::kGetSockOpt, [&] { return pair.client.nodelay(); });
  check(Call::kSocket, [] { return TcpSocket::new_v4(); });
  check(Call::kListen, [] { return TcpSocket::new_v4().value().listen(1); });
  check(Call::kBind, [] { return TcpSocket::new_v4()->bind(kAnyPort); });
}

TEST_CASE("a system call on what is no such socket says why") {
  namespace sys = nara::sys;
  const TcpSocket socket = TcpSocket::new_v4().value();
  const int fd = socket.fd();
  std::array<std::byte, 8> buffer{};
  const std::array pieces{iovec{.iov_base = buffer.data(), .iov_len = buffer.size()}};
  CHECK(error_of(sys::socket(AF_UNSPEC, SOCK_STREAM)) == std::errc::address_family_not_supported);
  CHECK(error_of(sys::bind(-1, kAnyPort)) == std::errc::bad_file_descriptor);
  CHECK(error_of(sys::listen(-1, 1)) == std::errc::bad_file_descriptor);
  CHECK(error_of(sys::accept(fd)) == std::errc::invalid_argument);
  CHECK(error_of(sys::connect(-1, kAnyPort)) == std::errc::bad_file_descriptor);
  CHECK(error_of(sys::recv(fd, buffer)) == std::errc::not_connected);
  CHECK(error_of(sys::recv(fd, pieces)) == std::errc::not_connected);
  CHECK(error_of(sys::shutdown(fd, SHUT_RDWR)) == std::errc::not_connected);
  CHECK(error_of(sys::local_addr(0x7fffffff)) == std::errc::bad_file_descriptor);
  CHECK(error_of(sys::peer_addr(fd)) == std::errc::not_connected);
  CHECK(error_of(sys::send(-1, buffer)) == std::errc::bad_file_descriptor);
  CHECK(error_of(sys::get_option<int>(fd, SOL_SOCKET, -1)) == std::errc::no_protocol_option);
  CHECK(error_of(sys::set_option(fd, SOL_SOCKET, -1, 0)) == std::errc::no_protocol_option);
}

TEST_CASE("a listener says EAGAIN when nobody is there, and then who comes") {
  Door door;
  CHECK(nara::io::is_would_block(error_of(nara::sys::accept(door.listener.fd()))));
  const TcpStream client = door.knock();
  const auto accepted = nara::sys::accept(door.listener.fd());
  REQUIRE(accepted.has_value());
  CHECK(accepted->peer == client.local_addr());
}

TEST_CASE("an address of the kernel is ours, with its interface") {
  sockaddr_in6 raw{};
  raw.sin6_family = AF_INET6;
  raw.sin6_port = htons(80);
  raw.sin6_addr = in6addr_loopback;
  raw.sin6_scope_id = 7;
  const auto& v6 = reinterpret_cast<const sockaddr&>(raw);
  const SocketAddr address = nara::sys::address_of(v6);
  CHECK(address == SocketAddr(IpAddr::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 7), 80));
  step("and a scope is given to the kernel");
  const auto error_at = [](const char* text) {
    const TcpSocket socket = TcpSocket::new_v6().value();
    return error_of(socket.bind(SocketAddr(IpAddr::parse(text).value(), 0)));
  };
  CHECK(error_at("fe80::1") == std::errc::invalid_argument);
  CHECK(error_at("fe80::1%4000000000") == std::errc::no_such_device);
}
