// How the layer treats the system: descriptors, signals, and each system call.
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <testkit/descriptors.hpp>
#include <utility>

#include "faults.hpp"
#include "udp.hpp"

using nara::test::is_closed_on_exec;
using nara::test::is_non_blocking;

TEST_CASE("every socket is closed on exec, and does not block") {
  const TurnedPair pair;
  const UdpSocket shared = UdpSocket::bind_shared(kAnyPort).value();
  OwnedFd plain(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const UdpSocket taken = UdpSocket::from_fd(std::move(plain)).value();
  for (const UdpSocket* socket : {&pair.left, &shared, &taken}) {
    CHECK(is_closed_on_exec(socket->fd()));
    CHECK(is_non_blocking(socket->fd()));
  }
}

TEST_CASE("sending where no more may be sent is EPIPE on every path, and no signal comes") {
  static std::atomic<int> signals = 0;
  struct sigaction count{};
  struct sigaction before{};
  count.sa_handler = [](int) { ++signals; };
  ::sigaction(SIGPIPE, &count, &before);
  TurnedPair pair;
  pair.connect();
  REQUIRE(nara::sys::shutdown(pair.left.fd(), SHUT_WR).has_value());
  const std::array one{Datagram{.bytes = as_bytes("x"), .peer = pair.right_addr}};
  CHECK(error_of(now(pair.left.send(as_bytes("x")))) == std::errc::broken_pipe);
  CHECK(error_of(now(pair.left.send_to(as_bytes("x"), pair.right_addr))) == std::errc::broken_pipe);
  CHECK(error_of(now(pair.left.send_batch(one))) == std::errc::broken_pipe);
  CHECK(signals == 0);
  ::sigaction(SIGPIPE, &before, nullptr);
}

TEST_CASE("a call that a signal interrupts is made again, and nobody is told") {
  TurnedPair pair;
  pair.connect();
  Buffer buffer{};
  RecvBatch batch(2, 100);
  const std::array one{Datagram{.bytes = as_bytes("x")}};
  const auto check = [&](Call call, auto act) {
    step("call ", static_cast<int>(call));
    pair.deliver();
    const Script script(call, {EINTR, EINTR});
    CHECK(act().has_value());
    CHECK(script.calls() == 3);
  };
  check(Call::kRecv, [&] { return now(pair.right.recv(buffer)); });
  check(Call::kRecvFrom, [&] { return now(pair.right.recv_from(buffer)); });
  check(Call::kRecvFrom, [&] { return now(pair.right.peek_sender()); });
  check(Call::kRecvMMsg, [&] { return now(pair.right.recv_batch(batch)); });
  check(Call::kSend, [&] { return now(pair.left.send(as_bytes("x"))); });
  check(Call::kSendTo, [&] { return now(pair.left.send_to(as_bytes("x"), pair.right_addr)); });
  check(Call::kSendMMsg, [&] { return now(pair.left.send_batch(one)); });
  check(Call::kGetPeerName, [&] { return pair.left.peer_addr(); });
  check(Call::kSetSockOpt, [&] { return pair.left.set_broadcast(true); });
  check(Call::kBind, [] { return now(UdpSocket::bind(kAnyPort)); });
  check(Call::kSocket, [] { return UdpSocket::bind_shared(kAnyPort); });
}

TEST_CASE("a system call on what is no such socket says why") {
  namespace sys = nara::sys;
  Buffer buffer{};
  CHECK(error_of(sys::recv_datagram(-1, buffer)) == std::errc::bad_file_descriptor);
  CHECK(error_of(sys::recv_from(-1, buffer)) == std::errc::bad_file_descriptor);
  CHECK(error_of(sys::send_to(-1, buffer, kAnyPort)) == std::errc::bad_file_descriptor);
  std::array<mmsghdr, 1> messages{};
  CHECK(error_of(sys::recv_many(-1, messages)) == std::errc::bad_file_descriptor);
  CHECK(error_of(sys::send_many(-1, messages)) == std::errc::bad_file_descriptor);
}

TEST_CASE("the size of segments is found among what else the kernel has noted") {
  alignas(cmsghdr) std::array<std::byte, 128> control{};
  msghdr message{};
  CHECK(nara::sys::segment_of(message) == 0);
  message.msg_control = control.data();
  message.msg_controllen = CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(int));
  cmsghdr* const first = CMSG_FIRSTHDR(&message);
  *first = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_IP, .cmsg_type = IP_TTL};
  cmsghdr* const second = CMSG_NXTHDR(&message, first);
  *second = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = IPPROTO_UDP, .cmsg_type = 104};
  const int size = 1200;
  std::copy_n(reinterpret_cast<const unsigned char*>(&size), sizeof size, CMSG_DATA(second));
  CHECK(nara::sys::segment_of(message) == 1200);
}
