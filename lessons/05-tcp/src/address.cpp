// Addresses, from text and to text.
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <charconv>
#include <nara/net/lookup.hpp>
#include <nara/net/socket_addr.hpp>
#include <optional>

namespace nara::inline NARA_BUILD::net {

namespace {

std::unexpected<AddrParseError> no(std::string_view text, std::string_view what) {
  return std::unexpected(AddrParseError{"\"" + std::string(text) + "\" " + std::string(what)});
}

/// For functions that take C strings. One that has a 0 in it, where they would stop reading,
/// becomes empty, which is nothing to them.
std::string c_string(std::string_view text) {
  return std::string(text.contains('\0') ? std::string_view() : text);
}

/// A number from 0 to `most`, and nothing else.
std::optional<std::uint32_t> number(std::string_view text, std::uint32_t most) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  return is_whole && value <= most ? std::optional(value) : std::nullopt;
}

std::optional<std::uint32_t> scope_of(std::string_view name) {
  if (const auto index = number(name, UINT32_MAX)) return index;
  const unsigned index = if_nametoindex(c_string(name).c_str());
  return index != 0 ? std::optional(index) : std::nullopt;
}

}  // namespace

std::expected<IpAddr, AddrParseError> IpAddr::parse(std::string_view text) {
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, c_string(text).c_str(), bytes.data()) == 1) {
    return v4(bytes[0], bytes[1], bytes[2], bytes[3]);
  }
  const std::size_t percent = text.find('%');
  if (inet_pton(AF_INET6, c_string(text.substr(0, percent)).c_str(), bytes.data()) != 1) {
    return no(text, "is not an address: write one like 127.0.0.1 or ::1");
  }
  if (percent == std::string_view::npos) return v6(bytes);
  const auto scope = scope_of(text.substr(percent + 1));
  if (!scope) return no(text, "names a network interface that this machine does not have");
  return v6(bytes, *scope);
}

std::string IpAddr::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(is_v6_ ? AF_INET6 : AF_INET, bytes_.data(), text.data(), text.size());
  std::string printed = text.data();
  if (scope_ == 0) return printed;
  std::array<char, IF_NAMESIZE> name{};
  const char* const known = if_indextoname(scope_, name.data());
  return printed + "%" + (known != nullptr ? known : std::to_string(scope_));
}

std::expected<SocketAddr, AddrParseError> SocketAddr::parse(std::string_view text) {
  const bool has_brackets = text.starts_with('[');
  const std::size_t end = has_brackets ? text.find("]:") : text.rfind(':');
  if (end == std::string_view::npos) {
    return no(text, "has no port: write an address and a port, like 127.0.0.1:80 or [::1]:80");
  }
  const auto ip = IpAddr::parse(text.substr(has_brackets, end - has_brackets));
  if (!ip || ip->is_v6() != has_brackets) {
    return no(text, "is not an address and a port: write one like 127.0.0.1:80 or [::1]:80");
  }
  const auto port = number(text.substr(end + 1 + has_brackets), UINT16_MAX);
  if (!port) return no(text, "has no port from 0 to 65535 at its end");
  return SocketAddr(*ip, static_cast<std::uint16_t>(*port));
}

ToSocketAddrs::ToSocketAddrs(std::string_view text) : where_(Errc::kMalformedAddress) {
  if (const auto address = SocketAddr::parse(text)) {
    where_ = std::vector{*address};
    return;
  }
  const std::size_t colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos) return;
  const auto port = number(text.substr(colon + 1), UINT16_MAX);
  if (port) *this = ToSocketAddrs(text.substr(0, colon), static_cast<std::uint16_t>(*port));
}

ToSocketAddrs::ToSocketAddrs(std::string_view host, std::uint16_t port)
    : where_(Host{std::string(host), port}) {
  if (const auto ip = IpAddr::parse(host)) where_ = std::vector{SocketAddr(*ip, port)};
  if (host.contains('\0')) where_ = Errc::kMalformedAddress;
}

std::string SocketAddr::to_string() const {
  const std::string port = ":" + std::to_string(port_);
  return ip_.is_v6() ? "[" + ip_.to_string() + "]" + port : ip_.to_string() + port;
}

}  // namespace nara::inline NARA_BUILD::net
