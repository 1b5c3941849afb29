// System calls that receive and send datagrams.
#include <netinet/in.h>
#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nara/sys/call.hpp>
#include <nara/sys/datagram.hpp>
#include <nara/sys/socket.hpp>
#include <nara/todo.hpp>

namespace nara::inline NARA_BUILD::sys {

namespace {

io::Result<void> invalid() noexcept {
  return std::unexpected(std::error_code(EINVAL, std::system_category()));
}

/// The address as the kernel has it.
template <class Raw>
Raw raw_of(const net::IpAddr& address) noexcept {
  Raw raw{};
  static_assert(sizeof raw == 4 || sizeof raw == 16);
  std::memcpy(&raw, address.bytes().data(), sizeof raw);
  return raw;
}

}  // namespace

io::Result<net::Received> recv_datagram(int descriptor, std::span<std::byte> into,
                                        int flags) noexcept {
  return todo("07-layer: recv_datagram() says how much is in the buffer, and whether all is");
}

io::Result<net::ReceivedFrom> recv_from(int descriptor, std::span<std::byte> into,
                                        int flags) noexcept {
  return todo("07-layer: recv_from() says that, too, and who has sent the datagram");
}

io::Result<std::size_t> send_to(int descriptor, std::span<const std::byte> bytes,
                                const net::SocketAddr& to) noexcept {
  const RawAddr raw(to);
  return call([&] {
    return ::sendto(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL, raw.data(), raw.size);
  });
}

io::Result<std::size_t> recv_many(int descriptor, std::span<mmsghdr> messages) noexcept {
  const auto count = static_cast<unsigned>(messages.size());
  return call([=] { return ::recvmmsg(descriptor, messages.data(), count, 0, nullptr); });
}

io::Result<std::size_t> send_many(int descriptor, std::span<mmsghdr> messages) noexcept {
  const auto count = static_cast<unsigned>(messages.size());
  return call([=] { return ::sendmmsg(descriptor, messages.data(), count, MSG_NOSIGNAL); });
}

std::uint16_t segment_of(msghdr& message) noexcept {
  for (cmsghdr* control = CMSG_FIRSTHDR(&message); control != nullptr;
       control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_level != SOL_UDP || control->cmsg_type != UDP_GRO) continue;
    int size = 0;
    std::memcpy(&size, CMSG_DATA(control), sizeof size);
    return static_cast<std::uint16_t>(size);
  }
  return 0;
}

void set_segment(msghdr& message, std::span<std::byte> control, std::uint16_t size) noexcept {
  message.msg_control = control.data();
  message.msg_controllen = CMSG_SPACE(sizeof size);
  cmsghdr* const segment = CMSG_FIRSTHDR(&message);
  segment->cmsg_level = SOL_UDP;
  segment->cmsg_type = UDP_SEGMENT;
  segment->cmsg_len = CMSG_LEN(sizeof size);
  std::memcpy(CMSG_DATA(segment), &size, sizeof size);
}

io::Result<void> change_membership_v4(int descriptor, int change, const net::IpAddr& group,
                                      const net::IpAddr& interface) noexcept {
  if (!group.is_v4() || !interface.is_v4()) return invalid();
  return set_option(descriptor, IPPROTO_IP, change,
                    ip_mreq{.imr_multiaddr = raw_of<in_addr>(group),
                            .imr_interface = raw_of<in_addr>(interface)});
}

io::Result<void> change_membership_v6(int descriptor, int change, const net::IpAddr& group,
                                      std::uint32_t interface) noexcept {
  if (!group.is_v6()) return invalid();
  return set_option(
      descriptor, IPPROTO_IPV6, change,
      ipv6_mreq{.ipv6mr_multiaddr = raw_of<in6_addr>(group), .ipv6mr_interface = interface});
}

}  // namespace nara::inline NARA_BUILD::sys
