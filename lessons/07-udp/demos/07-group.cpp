// To everybody, and to a group.
#include <array>
#include <chrono>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/io/text.hpp>
#include <nara/main.hpp>
#include <nara/net/udp_socket.hpp>
#include <nara/time/timeout.hpp>
#include <string>

using nara::Async;
using nara::io::as_bytes;
using nara::io::Result;
using nara::net::IpAddr;
using nara::net::SocketAddr;
using nara::net::UdpSocket;
using namespace std::chrono_literals;

namespace {

/// What comes within 100 ms.
Async<> listen(const char* who, const UdpSocket& socket) {
  std::array<std::byte, 100> buffer{};
  auto receiving = socket.recv(buffer);
  const auto got = co_await nara::time::timeout(100ms, receiving);
  const std::string words(nara::io::as_text(buffer));
  std::printf("  %s: %s\n", who, got && *got ? words.substr(0, (*got)->size).c_str() : "nothing");
}

void tell(const Result<std::size_t>& sent) {
  std::printf("  send: %s\n", sent ? "done" : sent.error().message().c_str());
}

// [broadcast]
Async<> to_everybody(const UdpSocket& sender) {
  const auto socket = co_await UdpSocket::bind("0.0.0.0:0");
  const SocketAddr everybody(IpAddr::v4(127, 255, 255, 255), socket->local_addr()->port());
  const auto refused = co_await sender.send_to(as_bytes("to all"), everybody);
  tell(refused);
  (void)sender.set_broadcast(true);
  const auto sent = co_await sender.send_to(as_bytes("to all"), everybody);
  tell(sent);
  co_await listen("one of them", *socket);
}
// [/broadcast]

// [group]
Async<> to_a_group(const UdpSocket& sender) {
  const IpAddr friends = IpAddr::v4(239, 7, 7, 7);
  const auto ada = UdpSocket::bind_shared(SocketAddr(friends, 0));
  const SocketAddr group = ada->local_addr().value();
  const auto grace = UdpSocket::bind_shared(group);
  (void)ada->join_multicast_v4(friends, IpAddr::loopback_v4());
  (void)grace->join_multicast_v4(friends, IpAddr::loopback_v4());
  const auto first = co_await sender.send_to(as_bytes("to my friends"), group);
  tell(first);
  co_await listen("Ada", *ada);
  co_await listen("Grace", *grace);

  (void)grace->leave_multicast_v4(friends, IpAddr::loopback_v4());
  const auto second = co_await sender.send_to(as_bytes("still there?"), group);
  tell(second);
  co_await listen("Ada", *ada);
  co_await listen("Grace", *grace);
}
// [/group]

Async<> both() {
  const auto sender = co_await UdpSocket::bind("127.0.0.1:0");
  std::printf("broadcast\n");
  co_await to_everybody(*sender);
  std::printf("multicast\n");
  co_await to_a_group(*sender);
}

}  // namespace

int main() { return nara::main(both); }
