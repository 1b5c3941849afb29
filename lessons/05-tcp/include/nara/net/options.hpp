// What can be set on a socket, for all kinds of them. See socket(7), ip(7), ipv6(7) and tcp(7).
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <chrono>
#include <nara/io/result.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/sys/socket.hpp>
#include <optional>
#include <system_error>

namespace nara::inline NARA_BUILD::net::detail {

template <class Self>
class TcpOptions;
template <class Self>
class UdpOptions;

/// What every socket has. `Self` is the class that derives from this, and has a function `fd()`.
template <class Self>
class SocketOptions {
 public:
  /// Its own address. getsockname(2).
  io::Result<SocketAddr> local_addr() const { return sys::local_addr(fd()); }

  /// What has gone wrong since the last call; an error code of 0 for nothing. SO_ERROR.
  io::Result<std::error_code> take_error() const {
    const io::Result<int> error = get(SOL_SOCKET, SO_ERROR);
    if (!error) return std::unexpected(error.error());
    return std::error_code(*error, std::system_category());
  }

  /// How many routers a packet may pass, from 1 to 255. IP_TTL, IPV6_UNICAST_HOPS.
  io::Result<void> set_ttl(int hops) const {
    return set_ip({IPPROTO_IP, IP_TTL}, {IPPROTO_IPV6, IPV6_UNICAST_HOPS}, hops);
  }
  io::Result<int> ttl() const {
    return get_ip({IPPROTO_IP, IP_TTL}, {IPPROTO_IPV6, IPV6_UNICAST_HOPS});
  }

  /// How routers should treat a packet, from 0 to 255. IP_TOS, IPV6_TCLASS.
  io::Result<void> set_tos(int service) const {
    return set_ip({IPPROTO_IP, IP_TOS}, {IPPROTO_IPV6, IPV6_TCLASS}, service);
  }
  io::Result<int> tos() const { return get_ip({IPPROTO_IP, IP_TOS}, {IPPROTO_IPV6, IPV6_TCLASS}); }

  /// How many bytes the kernel keeps for this socket: of what is sent and has not left yet, and of
  /// what has arrived and was not received yet. Linux takes twice the number, and says so.
  /// SO_SNDBUF, SO_RCVBUF.
  io::Result<void> set_send_buffer_size(int bytes) const {
    return set(SOL_SOCKET, SO_SNDBUF, bytes);
  }
  io::Result<int> send_buffer_size() const { return get(SOL_SOCKET, SO_SNDBUF); }
  io::Result<void> set_recv_buffer_size(int bytes) const {
    return set(SOL_SOCKET, SO_RCVBUF, bytes);
  }
  io::Result<int> recv_buffer_size() const { return get(SOL_SOCKET, SO_RCVBUF); }

 protected:
  io::Result<int> get(int level, int name) const { return sys::get_option<int>(fd(), level, name); }

  io::Result<bool> is_set(int level, int name) const {
    const io::Result<int> value = get(level, name);
    if (!value) return std::unexpected(value.error());
    return *value != 0;
  }

  io::Result<void> set(int level, int name, int value) const {
    return sys::set_option(fd(), level, name, value);
  }

  /// An option that has another name in IPv6.
  struct Name {
    int level;
    int name;
  };

  io::Result<int> get_ip(Name v4, Name v6) const {
    const io::Result<Name> name = either(v4, v6);
    if (!name) return std::unexpected(name.error());
    return get(name->level, name->name);
  }

  io::Result<void> set_ip(Name v4, Name v6, int value) const {
    const io::Result<Name> name = either(v4, v6);
    if (!name) return std::unexpected(name.error());
    return set(name->level, name->name, value);
  }

 private:
  friend Self;
  friend TcpOptions<Self>;
  friend UdpOptions<Self>;
  SocketOptions() noexcept = default;

  io::Result<Name> either(Name v4, Name v6) const {
    const io::Result<int> domain = get(SOL_SOCKET, SO_DOMAIN);
    if (!domain) return std::unexpected(domain.error());
    return *domain == AF_INET6 ? v6 : v4;
  }

  int fd() const noexcept { return static_cast<const Self&>(*this).fd(); }
};

/// What every socket of TCP has.
template <class Self>
class TcpOptions : public SocketOptions<Self> {
 public:
  using Linger = std::optional<std::chrono::seconds>;

  /// Whether what is written is sent at once, and not kept back for a moment in the hope of more
  /// (Nagle's algorithm, RFC 896). TCP_NODELAY.
  io::Result<void> set_nodelay(bool nodelay) const {
    return this->set(IPPROTO_TCP, TCP_NODELAY, nodelay);
  }
  io::Result<bool> nodelay() const { return this->is_set(IPPROTO_TCP, TCP_NODELAY); }

  /// Whether the kernel asks now and then if the other side is still there, when neither says
  /// anything. SO_KEEPALIVE.
  io::Result<void> set_keepalive(bool keepalive) const {
    return this->set(SOL_SOCKET, SO_KEEPALIVE, keepalive);
  }
  io::Result<bool> keepalive() const { return this->is_set(SOL_SOCKET, SO_KEEPALIVE); }

  /// What closing does with bytes that the other side does not have yet. Nothing: the kernel goes
  /// on sending them, and closing does not wait. Zero: they are thrown away, and the other side
  /// sees a reset. More: closing stops the thread until they are sent, or for so long; not in a
  /// task. SO_LINGER.
  io::Result<void> set_linger(Linger linger) const {
    const ::linger value{
        .l_onoff = linger.has_value(),
        .l_linger = static_cast<int>(linger.value_or(Linger::value_type()).count())};
    return sys::set_option(static_cast<const Self&>(*this).fd(), SOL_SOCKET, SO_LINGER, value);
  }
  io::Result<Linger> linger() const {
    const int descriptor = static_cast<const Self&>(*this).fd();
    const auto value = sys::get_option<::linger>(descriptor, SOL_SOCKET, SO_LINGER);
    if (!value) return std::unexpected(value.error());
    return value->l_onoff != 0 ? Linger(value->l_linger) : std::nullopt;
  }

 private:
  friend Self;
  TcpOptions() noexcept = default;
};

}  // namespace nara::inline NARA_BUILD::net::detail
