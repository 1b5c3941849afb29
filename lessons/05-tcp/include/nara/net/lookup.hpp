// From names to addresses.
#pragma once

#include <cstdint>
#include <nara/async.hpp>
#include <nara/io/result.hpp>
#include <nara/net/socket_addr.hpp>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <variant>
#include <vector>

namespace nara::inline NARA_BUILD::net {

/// What can be wrong with an address that is given as text.
enum class Errc : std::uint8_t {
  kMalformedAddress = 1,  ///< It is no host and port.
  kNoSuchHost,            ///< Nobody knows a host of that name.
  kTryAgain,              ///< The name server did not answer.
  kLookupFailed,          ///< It did, and cannot help.
};

/// Converts implicitly to `std::error_code`.
std::error_code make_error_code(Errc error) noexcept;

/// Whom to connect with, or where to listen. Made of an address, of several that are to be tried in
/// turn, of a text like "localhost:80", "127.0.0.1:80" or "[::1]:80", or of a host and a port.
/// Mirrors `tokio::net::ToSocketAddrs`.
class ToSocketAddrs {
 public:
  ToSocketAddrs(SocketAddr address) : where_(std::vector{address}) {}
  ToSocketAddrs(std::vector<SocketAddr> addresses) : where_(std::move(addresses)) {}
  ToSocketAddrs(std::string_view text);
  ToSocketAddrs(const std::string& text) : ToSocketAddrs(std::string_view(text)) {}
  ToSocketAddrs(const char* text) : ToSocketAddrs(std::string_view(text)) {}
  ToSocketAddrs(std::string_view host, std::uint16_t port);

 private:
  friend Async<io::Result<std::vector<SocketAddr>>> lookup_host(ToSocketAddrs where);

  struct Host {
    std::string name;
    std::uint16_t port;
  };
  std::variant<std::vector<SocketAddr>, Host, Errc> where_;
};

/// All addresses of a host, the best first (RFC 6724); at least one. What is an address already is
/// given at once. Else another thread asks the system (`run_blocking()`), which may take seconds.
/// An `Errc`, when there is none.
///
/// getaddrinfo(3). Cancel safe: the other thread runs on, and what it finds is thrown away. Mirrors
/// `tokio::net::lookup_host`.
Async<io::Result<std::vector<SocketAddr>>> lookup_host(ToSocketAddrs where);

}  // namespace nara::inline NARA_BUILD::net

template <>
struct std::is_error_code_enum<nara::net::Errc> : std::true_type {};
