// System calls on sockets whose bytes have boundaries and addresses.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <nara/io/result.hpp>
#include <nara/net/datagram.hpp>
#include <nara/net/socket_addr.hpp>
#include <span>

namespace nara::inline NARA_BUILD::sys {

/// Receives the next datagram, from whomever. `EAGAIN` when there is none, `ECONNREFUSED` when one
/// that was sent has come to nobody. `flags` may be `MSG_PEEK`. recv(2).
io::Result<net::Received> recv_datagram(int descriptor, std::span<std::byte> into,
                                        int flags = 0) noexcept;

/// The same, and who has sent it. recvfrom(2).
io::Result<net::ReceivedFrom> recv_from(int descriptor, std::span<std::byte> into,
                                        int flags = 0) noexcept;

/// Sends one datagram. `EAGAIN` when there is no room, `EMSGSIZE` when it is too long, `EACCES`
/// when it is for everybody and that was not allowed. sendto(2).
io::Result<std::size_t> send_to(int descriptor, std::span<const std::byte> bytes,
                                const net::SocketAddr& to) noexcept;

/// Receives at most `messages.size()` datagrams, those that are there, and gives how many. `EAGAIN`
/// when there is none. recvmmsg(2).
io::Result<std::size_t> recv_many(int descriptor, std::span<mmsghdr> messages) noexcept;

/// Sends the messages in their order, until one cannot be sent, and gives how many were. Only when
/// that is the first, it says why. sendmmsg(2).
io::Result<std::size_t> send_many(int descriptor, std::span<mmsghdr> messages) noexcept;

/// The size of the segments that `message`, which was received, consists of; 0 when it is one
/// datagram. UDP_GRO.
std::uint16_t segment_of(msghdr& message) noexcept;

/// Says that the bytes of `message` are segments of this size. `control` is room that the message
/// refers to from now on: CMSG_SPACE(2) bytes, aligned like a `cmsghdr`. UDP_SEGMENT.
void set_segment(msghdr& message, std::span<std::byte> control, std::uint16_t size) noexcept;

/// Joins or leaves a group: `change` is IP_ADD_MEMBERSHIP or IP_DROP_MEMBERSHIP, or that of IPv6.
/// `EINVAL` when `group` is no group of that kind. setsockopt(2), ip(7), ipv6(7).
io::Result<void> change_membership_v4(int descriptor, int change, const net::IpAddr& group,
                                      const net::IpAddr& interface) noexcept;
io::Result<void> change_membership_v6(int descriptor, int change, const net::IpAddr& group,
                                      std::uint32_t interface) noexcept;

}  // namespace nara::inline NARA_BUILD::sys
