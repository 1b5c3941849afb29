// Whose socket it is: taken over, given back, moved, and closed.
#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <nara/misuse.hpp>
#include <nara/runtime.hpp>
#include <optional>
#include <testkit/descriptors.hpp>
#include <utility>

#include "udp.hpp"

using nara::Misuse;
using nara::Runtime;
using nara::test::is_non_blocking;
using nara::test::open_descriptors;

namespace {

void make_blocking(const OwnedFd& socket) {
  const int flags = ::fcntl(socket.fd(), F_GETFL);
  REQUIRE(::fcntl(socket.fd(), F_SETFL, flags & ~O_NONBLOCK) == 0);
}

}  // namespace

TEST_CASE("a socket goes to blocking calls and back, and no datagram is lost") {
  TurnedPair pair;
  pair.deliver("first");
  pair.deliver("second");
  CHECK(received(pair.right) == "first");
  OwnedFd socket = std::move(pair.right).into_fd();
  CHECK(is_non_blocking(socket.fd()));
  CHECK(pair.turned.reactor().size() == 1);
  make_blocking(socket);
  Buffer buffer{};
  CHECK(::recv(socket.fd(), buffer.data(), buffer.size(), 0) == 6);
  const UdpSocket back = UdpSocket::from_fd(std::move(socket)).value();
  CHECK(is_non_blocking(back.fd()));
  deliver(pair.left, back, "third");
  pair.turn();
  CHECK(received(back) == "third");
}

TEST_CASE("what is no socket that can be waited for is not taken over, and closed") {
  const Turned turned;
  const std::ptrdiff_t before = open_descriptors();
  CHECK(error_of(UdpSocket::from_fd(OwnedFd())) == std::errc::bad_file_descriptor);
  OwnedFd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  CHECK(error_of(UdpSocket::from_fd(std::move(file))) == std::errc::operation_not_permitted);
  CHECK(open_descriptors() == before);
}

TEST_CASE("to take over a socket without a runtime is a misuse") {
  OwnedFd socket = nara::sys::socket(AF_INET, SOCK_DGRAM).value();
  CHECK_THROWS_AS((void)UdpSocket::from_fd(std::move(socket)), Misuse);
}

TEST_CASE("a socket that is moved works where it is, and the place that it left is a misuse") {
  TurnedPair pair;
  std::vector<UdpSocket> sockets;
  sockets.push_back(std::move(pair.right));
  for (int i = 0; i < 5; ++i) sockets.push_back(now(UdpSocket::bind(kAnyPort)).value());
  UdpSocket& right = sockets.front();
  deliver(pair.left, right, "abc");
  pair.turn();
  CHECK(received(right) == "abc");
  step("what was moved from");
  Buffer buffer{};
  RecvBatch batch(1, 1);
  const UdpSocket& gone = pair.right;
  CHECK_THROWS_AS((void)now(gone.send(as_bytes("x"))), Misuse);
  CHECK_THROWS_AS((void)now(gone.send_to(as_bytes("x"), pair.left_addr)), Misuse);
  CHECK_THROWS_AS((void)now(gone.send_batch({})), Misuse);
  CHECK_THROWS_AS((void)now(gone.recv(buffer)), Misuse);
  CHECK_THROWS_AS((void)now(gone.recv_from(buffer)), Misuse);
  CHECK_THROWS_AS((void)now(gone.recv_batch(batch)), Misuse);
  CHECK_THROWS_AS((void)now(gone.peek_sender()), Misuse);
  CHECK_THROWS_AS((void)gone.try_send(as_bytes("x")), Misuse);
  CHECK_THROWS_AS((void)gone.try_recv(buffer), Misuse);
  CHECK_THROWS_AS((void)now(gone.readable()), Misuse);
  CHECK_THROWS_AS((void)std::move(pair.right).into_fd(), Misuse);
}

TEST_CASE("a socket that is destroyed frees its descriptor and its address") {
  Turned turned;
  const std::ptrdiff_t before = open_descriptors();
  {
    UdpSocket one = now(UdpSocket::bind(kAnyPort)).value();
    UdpSocket other = now(UdpSocket::bind(kAnyPort)).value();
    const SocketAddr one_addr = one.local_addr().value();
    other = std::move(one);
    CHECK(other.local_addr() == one_addr);
  }
  CHECK(open_descriptors() == before);
  CHECK(turned.reactor().size() == 0);
}

TEST_CASE("who waits is woken when the runtime goes, and told") {
  TurnedPair pair;
  Buffer buffer{};
  auto receive = by_hand(pair.right.recv_from(buffer));
  CHECK(receive.poll().is_pending());
  pair.turned.driver().shut_down();
  CHECK(receive.is_woken());
  CHECK(nara::io::is_shutdown(error_of(receive.poll().value())));
}

TEST_CASE("a socket whose runtime is gone says so on another one, and waits for nothing") {
  std::optional<Runtime> runtime = Runtime::create().value();
  const UdpSocket socket = runtime->block_on(bound());
  const SocketAddr here = socket.local_addr().value();
  runtime.reset();
  run_with_drivers([&]() -> Async<> {
    Buffer buffer{};
    RecvBatch batch(1, 100);
    const auto received = co_await socket.recv_from(buffer);
    CHECK(nara::io::is_shutdown(error_of(received)));
    const auto sent = co_await socket.send_to(as_bytes("x"), here);
    CHECK(nara::io::is_shutdown(error_of(sent)));
    const auto many = co_await socket.recv_batch(batch);
    CHECK(nara::io::is_shutdown(error_of(many)));
    const auto readable = co_await socket.readable();
    CHECK(nara::io::is_shutdown(error_of(readable)));
  });
  CHECK(nara::io::is_shutdown(error_of(socket.try_send_to(as_bytes("x"), here))));
}
