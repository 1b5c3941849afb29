// The address of a machine.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <ostream>
#include <span>
#include <string>
#include <string_view>

namespace nara::inline NARA_BUILD::net {

/// Why a text is no address: a sentence that says what is wrong with it, and how one is written.
struct AddrParseError {
  std::string sentence;

  const std::string& message() const noexcept { return sentence; }
  friend std::ostream& operator<<(std::ostream& out, const AddrParseError& error) {
    return out << error.sentence;
  }
};

/// An address of IPv4 or IPv6. A value: it can be copied and compared, IPv4 before IPv6. Mirrors
/// `std::net::IpAddr`.
class IpAddr {
 public:
  /// 0.0.0.0: all addresses of this machine.
  constexpr IpAddr() noexcept = default;

  /// `IpAddr::v4(127, 0, 0, 1)`.
  static constexpr IpAddr v4(std::uint8_t a, std::uint8_t b, std::uint8_t c,
                             std::uint8_t d) noexcept {
    IpAddr address;
    address.bytes_ = {a, b, c, d};
    return address;
  }

  /// Sixteen bytes, the first first. `scope` is the number of a network interface; link-local
  /// addresses need it.
  static constexpr IpAddr v6(const std::array<std::uint8_t, 16>& bytes,
                             std::uint32_t scope = 0) noexcept {
    IpAddr address;
    address.bytes_ = bytes;
    address.scope_ = scope;
    address.is_v6_ = true;
    return address;
  }

  /// This machine: 127.0.0.1 and ::1.
  static constexpr IpAddr loopback_v4() noexcept { return v4(127, 0, 0, 1); }
  static constexpr IpAddr loopback_v6() noexcept {
    return v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  }

  /// All addresses of this machine: 0.0.0.0 and ::.
  static constexpr IpAddr any_v4() noexcept { return {}; }
  static constexpr IpAddr any_v6() noexcept { return v6({}); }

  /// Reads "127.0.0.1", "::1" or "fe80::1%eth0". inet_pton(3), if_nametoindex(3).
  static std::expected<IpAddr, AddrParseError> parse(std::string_view text);

  constexpr bool is_v4() const noexcept { return !is_v6_; }
  constexpr bool is_v6() const noexcept { return is_v6_; }

  /// True for 127.0.0.0/8 and ::1.
  constexpr bool is_loopback() const noexcept {
    return is_v6_ ? bytes_ == loopback_v6().bytes_ : bytes_[0] == 127;
  }

  /// True for 0.0.0.0 and ::.
  constexpr bool is_unspecified() const noexcept {
    return bytes_ == std::array<std::uint8_t, 16>{};
  }

  /// True for 224.0.0.0/4 and ff00::/8.
  constexpr bool is_multicast() const noexcept {
    return is_v6_ ? bytes_[0] == 0xff : bytes_[0] >> 4 == 0xe;
  }

  /// 4 or 16 of them, the first first.
  constexpr std::span<const std::uint8_t> bytes() const noexcept {
    return std::span(bytes_).first(is_v6_ ? 16 : 4);
  }

  /// The number of the interface, or 0.
  constexpr std::uint32_t scope() const noexcept { return scope_; }

  /// As it is written: "::1", with the shortest form for IPv6. inet_ntop(3).
  std::string to_string() const;

  constexpr auto operator<=>(const IpAddr&) const noexcept = default;

  friend std::ostream& operator<<(std::ostream& out, const IpAddr& address) {
    return out << address.to_string();
  }

 private:
  bool is_v6_ = false;
  std::array<std::uint8_t, 16> bytes_{};  ///< The first four, for IPv4.
  std::uint32_t scope_ = 0;
};

}  // namespace nara::inline NARA_BUILD::net
