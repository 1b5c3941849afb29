// Sending to many: to the members of a group, and to everybody.
#include <net/if.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "udp.hpp"

namespace {

/// A group, and by which network interface its datagrams go: one of IPv4 by that of this machine
/// alone. That has no groups of IPv6, so one of those goes by another, which it does not leave.
struct Group {
  SocketAddr address;  ///< With the port of its members.

  std::uint32_t interface() const { return address.ip().scope(); }
  Result<void> join(const UdpSocket& socket) const {
    if (address.is_v4()) return socket.join_multicast_v4(address.ip(), IpAddr::loopback_v4());
    return socket.join_multicast_v6(address.ip(), interface());
  }
  Result<void> leave(const UdpSocket& socket) const {
    if (address.is_v4()) return socket.leave_multicast_v4(address.ip(), IpAddr::loopback_v4());
    return socket.leave_multicast_v6(address.ip(), interface());
  }
  Group with_port(std::uint16_t port) const { return {SocketAddr(address.ip(), port)}; }

  /// Where its members are, and who sends to it.
  SocketAddr any() const { return {address.is_v4() ? IpAddr::any_v4() : IpAddr::any_v6(), 0}; }
  SocketAddr sender() const { return address.is_v4() ? kAnyPort : any(); }
  IpAddr loopback() const {
    return address.is_v4() ? IpAddr::loopback_v4() : IpAddr::loopback_v6();
  }
};

bool works(const Group& group) {
  Turned turned;
  const auto socket = now(UdpSocket::bind(group.sender()));
  const SocketAddr anybody = group.with_port(9).address;
  return socket && group.join(*socket) &&
         finish(turned, socket->send_to(as_bytes("?"), anybody)).has_value();
}

/// Groups that no other program uses, as long as each has a number of its own: one of IPv4, and one
/// of IPv6, where this machine can have members of them.
std::vector<Group> groups() {
  const auto id = static_cast<unsigned>(::getpid());
  const auto high = static_cast<std::uint8_t>(id >> 8);
  const auto low = static_cast<std::uint8_t>(id);
  std::vector<Group> all;
  const Group v4{SocketAddr(IpAddr::v4(239, 255, high, low), 0)};
  if (works(v4)) {
    all.push_back(v4);
  } else {
    MESSAGE("this machine has no groups of IPv4, so they are not tested");
  }
  const std::unique_ptr<struct if_nameindex, decltype(&::if_freenameindex)> interfaces(
      ::if_nameindex(), &::if_freenameindex);
  for (const auto* each = interfaces.get(); each->if_index != 0; ++each) {
    // ff01: it never leaves the interface.
    const Group v6{SocketAddr(
        IpAddr::v6({0xff, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, high, low}, each->if_index), 0)};
    if (!works(v6)) continue;
    all.push_back(v6);
    return all;
  }
  MESSAGE("this machine has no groups of IPv6, so they are not tested");
  return all;
}

/// Whether `socket` receives what is sent to the group now. Then nothing else may wait in it.
bool receives(Turned& turned, const UdpSocket& sender, const Group& group,
              const UdpSocket& socket) {
  REQUIRE(finish(turned, sender.send_to(as_bytes("the group"), group.address)) == 9);
  Buffer buffer{};
  const auto got = finish(turned, socket.recv(buffer));
  return text_of(got, buffer) == "the group";
}

/// Whether it does not. Something that it does receive is sent after that, so nobody has to wait.
bool does_not_receive(Turned& turned, const UdpSocket& sender, const Group& group,
                      const UdpSocket& socket) {
  const SocketAddr itself(group.loopback(), group.address.port());
  REQUIRE(finish(turned, sender.send_to(as_bytes("the group"), group.address)) == 9);
  REQUIRE(finish(turned, sender.send_to(as_bytes("itself"), itself)) == 6);
  Buffer buffer{};
  const auto got = finish(turned, socket.recv(buffer));
  return text_of(got, buffer) == "itself";
}

}  // namespace

TEST_CASE("each member of a group receives what is sent to it, several on one machine, too") {
  for (const Group& each : groups()) {
    step("group ", each.address);
    Turned turned;
    const UdpSocket first = UdpSocket::bind_shared(each.any()).value();
    const UdpSocket second = UdpSocket::bind_shared(first.local_addr().value()).value();
    const UdpSocket sender = now(UdpSocket::bind(each.sender())).value();
    const Group group = each.with_port(first.local_addr().value().port());
    CHECK(group.join(first).has_value());
    CHECK(group.join(second).has_value());
    CHECK(finish(turned, sender.send_to(as_bytes("to all"), group.address)) == 6);
    for (const UdpSocket* member : {&first, &second}) {
      Buffer buffer{};
      const auto got = finish(turned, member->recv_from(buffer));
      REQUIRE(got.has_value());
      CHECK(as_text(std::span(buffer).first(got->size)) == "to all");
      CHECK(got->from.port() == sender.local_addr().value().port());
      CHECK(would_block(member->try_recv(buffer)));
    }
  }
}

TEST_CASE("who is not a member yet, or no more, receives nothing that is sent to a group") {
  for (const Group& each : groups()) {
    step("group ", each.address);
    Turned turned;
    const UdpSocket socket = now(UdpSocket::bind(each.any())).value();
    const UdpSocket sender = now(UdpSocket::bind(each.sender())).value();
    const Group group = each.with_port(socket.local_addr().value().port());
    CHECK(does_not_receive(turned, sender, group, socket));
    CHECK(group.join(socket).has_value());
    CHECK(receives(turned, sender, group, socket));
    CHECK(group.leave(socket).has_value());
    CHECK(does_not_receive(turned, sender, group, socket));
  }
}

TEST_CASE("a sender may keep what it sends to a group from its own machine") {
  for (const Group& each : groups()) {
    // Between the interface of this machine alone and itself, there is nothing to be kept from.
    if (each.address.is_v4()) continue;
    Turned turned;
    const UdpSocket socket = now(UdpSocket::bind(each.any())).value();
    const UdpSocket sender = now(UdpSocket::bind(each.sender())).value();
    const Group group = each.with_port(socket.local_addr().value().port());
    CHECK(group.join(socket).has_value());
    CHECK(sender.set_multicast_loop_v6(false).has_value());
    CHECK(does_not_receive(turned, sender, group, socket));
    CHECK(sender.set_multicast_loop_v6(true).has_value());
    CHECK(receives(turned, sender, group, socket));
  }
}

TEST_CASE("joining and leaving may fail, and says why") {
  for (const Group& group : groups()) {
    step("group ", group.address);
    const Turned turned;
    const UdpSocket socket = now(UdpSocket::bind(group.any())).value();
    CHECK(error_of(group.leave(socket)) == std::errc::address_not_available);
    CHECK(group.join(socket).has_value());
    CHECK(error_of(group.join(socket)) == std::errc::address_in_use);
    CHECK(group.leave(socket).has_value());
    CHECK(error_of(group.leave(socket)) == std::errc::address_not_available);
  }
  const Turned turned;
  const UdpSocket socket = now(UdpSocket::bind(kAnyPort)).value();
  const IpAddr group = IpAddr::v4(239, 255, 7, 7);
  const IpAddr here = IpAddr::loopback_v4();
  CHECK(error_of(socket.join_multicast_v4(here, here)) == std::errc::invalid_argument);
  CHECK(error_of(socket.join_multicast_v4(group, IpAddr::v4(192, 0, 2, 77))) ==
        std::errc::no_such_device);
  step("an address of the other kind is no group");
  CHECK(error_of(socket.join_multicast_v4(IpAddr::any_v6(), here)) == std::errc::invalid_argument);
  CHECK(error_of(socket.join_multicast_v4(group, IpAddr::any_v6())) == std::errc::invalid_argument);
  CHECK(error_of(socket.join_multicast_v6(group, 0)) == std::errc::invalid_argument);
}

TEST_CASE("sending to everybody has to be allowed first") {
  TurnedPair pair;
  const UdpSocket socket = now(UdpSocket::bind(SocketAddr(IpAddr::any_v4(), 0))).value();
  const SocketAddr everybody(IpAddr::v4(127, 255, 255, 255), socket.local_addr().value().port());
  const auto send = [&] { return now(pair.left.send_to(as_bytes("to all"), everybody)); };
  CHECK(error_of(send()) == std::errc::permission_denied);
  CHECK(pair.left.set_broadcast(true).has_value());
  CHECK(send() == 6);
  Buffer buffer{};
  CHECK(finish(pair.turned, socket.recv_from(buffer)) == ReceivedFrom{6, false, pair.left_addr});
  CHECK(pair.left.set_broadcast(false).has_value());
  CHECK(error_of(send()) == std::errc::permission_denied);
}
