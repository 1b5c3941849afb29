// Where somebody can be reached: a machine, and a port on it.
#pragma once

#include <sys/socket.h>

#include <compare>
#include <cstdint>
#include <expected>
#include <nara/net/ip_addr.hpp>
#include <ostream>
#include <string>
#include <string_view>

namespace nara::inline NARA_BUILD::net {

/// An address and a port. A value. Mirrors `std::net::SocketAddr`.
class SocketAddr {
 public:
  /// 0.0.0.0:0.
  constexpr SocketAddr() noexcept = default;
  constexpr SocketAddr(IpAddr ip, std::uint16_t port) noexcept : ip_(ip), port_(port) {}

  /// Reads "127.0.0.1:80", "[::1]:80" or "[fe80::1%eth0]:80". No name is looked up: see
  /// `lookup_host()`.
  static std::expected<SocketAddr, AddrParseError> parse(std::string_view text);

  constexpr const IpAddr& ip() const noexcept { return ip_; }
  constexpr std::uint16_t port() const noexcept { return port_; }
  constexpr bool is_v4() const noexcept { return ip_.is_v4(); }
  constexpr bool is_v6() const noexcept { return ip_.is_v6(); }

  /// "127.0.0.1:80", "[::1]:80".
  std::string to_string() const;

  constexpr auto operator<=>(const SocketAddr&) const noexcept = default;

  friend std::ostream& operator<<(std::ostream& out, const SocketAddr& address) {
    return out << address.to_string();
  }

 private:
  IpAddr ip_;
  std::uint16_t port_ = 0;
};

}  // namespace nara::inline NARA_BUILD::net
