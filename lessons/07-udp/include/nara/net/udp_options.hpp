// What can be set on a socket of UDP alone. See udp(7), ip(7) and ipv6(7).
#pragma once

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <cstdint>
#include <nara/io/result.hpp>
#include <nara/net/ip_addr.hpp>
#include <nara/net/options.hpp>
#include <nara/sys/datagram.hpp>

namespace nara::inline NARA_BUILD::net::detail {

/// What every socket of UDP has.
template <class Self>
class UdpOptions : public SocketOptions<Self> {
 public:
  /// Whether it may send to everybody on a network, such as 192.168.1.255 or 255.255.255.255;
  /// without it, that is `EACCES`. SO_BROADCAST.
  io::Result<void> set_broadcast(bool broadcast) const {
    return this->set(SOL_SOCKET, SO_BROADCAST, broadcast);
  }
  io::Result<bool> broadcast() const { return this->is_set(SOL_SOCKET, SO_BROADCAST); }

  /// Whether what this socket sends to a group also comes to the members on this machine. For IPv4,
  /// and for IPv6. IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP.
  io::Result<void> set_multicast_loop_v4(bool loop) const {
    return this->set(IPPROTO_IP, IP_MULTICAST_LOOP, loop);
  }
  io::Result<bool> multicast_loop_v4() const { return this->is_set(IPPROTO_IP, IP_MULTICAST_LOOP); }
  io::Result<void> set_multicast_loop_v6(bool loop) const {
    return this->set(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, loop);
  }
  io::Result<bool> multicast_loop_v6() const {
    return this->is_set(IPPROTO_IPV6, IPV6_MULTICAST_LOOP);
  }

  /// How many routers a datagram for a group may pass, from 0 to 255: 1 at first, which is this
  /// network alone. For IPv4, and for IPv6. IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS.
  io::Result<void> set_multicast_ttl_v4(int hops) const {
    return this->set(IPPROTO_IP, IP_MULTICAST_TTL, hops);
  }
  io::Result<int> multicast_ttl_v4() const { return this->get(IPPROTO_IP, IP_MULTICAST_TTL); }
  io::Result<void> set_multicast_hops_v6(int hops) const {
    return this->set(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, hops);
  }
  io::Result<int> multicast_hops_v6() const { return this->get(IPPROTO_IPV6, IPV6_MULTICAST_HOPS); }

  /// Becomes a member of a group: from now on, what is sent to `group` arrives here, when it comes
  /// in by the network interface that has the address `interface` (0.0.0.0: the kernel chooses).
  /// `EINVAL` when `group` is no group of IPv4, `ENODEV` when no interface has that address,
  /// `EADDRINUSE` for who is a member already. IP_ADD_MEMBERSHIP.
  io::Result<void> join_multicast_v4(IpAddr group, IpAddr interface) const {
    return sys::change_membership_v4(descriptor(), IP_ADD_MEMBERSHIP, group, interface);
  }

  /// Leaves it, which closing the socket does, too. `EADDRNOTAVAIL` for who is no member.
  /// IP_DROP_MEMBERSHIP.
  io::Result<void> leave_multicast_v4(IpAddr group, IpAddr interface) const {
    return sys::change_membership_v4(descriptor(), IP_DROP_MEMBERSHIP, group, interface);
  }

  /// The same for IPv6, where a network interface is named by its number (0: the kernel chooses).
  /// if_nametoindex(3). IPV6_ADD_MEMBERSHIP, IPV6_DROP_MEMBERSHIP.
  io::Result<void> join_multicast_v6(IpAddr group, std::uint32_t interface) const {
    return sys::change_membership_v6(descriptor(), IPV6_ADD_MEMBERSHIP, group, interface);
  }
  io::Result<void> leave_multicast_v6(IpAddr group, std::uint32_t interface) const {
    return sys::change_membership_v6(descriptor(), IPV6_DROP_MEMBERSHIP, group, interface);
  }

  /// Whether the kernel may give several datagrams of one sender as one, with `Datagram::segment`
  /// (generic receive offload). For `recv_batch()`: who receives otherwise does not learn where
  /// each begins. `ENOPROTOOPT` when this kernel cannot. UDP_GRO.
  io::Result<void> set_gro(bool gro) const { return this->set(IPPROTO_UDP, UDP_GRO, gro); }
  io::Result<bool> gro() const { return this->is_set(IPPROTO_UDP, UDP_GRO); }

 private:
  friend Self;
  UdpOptions() noexcept = default;

  int descriptor() const noexcept { return static_cast<const Self&>(*this).fd(); }
};

}  // namespace nara::inline NARA_BUILD::net::detail
