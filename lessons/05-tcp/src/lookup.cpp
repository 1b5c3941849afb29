// Asking the system for the addresses of a host.
#include <netdb.h>

#include <cerrno>
#include <memory>
#include <nara/net/lookup.hpp>
#include <nara/run_blocking.hpp>
#include <nara/sys/call.hpp>
#include <nara/sys/socket.hpp>
#include <string>
#include <utility>

namespace nara::inline NARA_BUILD::net {

namespace {

using Addresses = io::Result<std::vector<SocketAddr>>;

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "nara.net"; }

  std::string message(int code) const override {
    switch (Errc(code)) {
      case Errc::kMalformedAddress:
        return "this is no host and port: write them like localhost:80, 127.0.0.1:80 or [::1]:80";
      case Errc::kNoSuchHost:
        return "nobody knows a host of this name: check how it is written";
      case Errc::kTryAgain:
        return "the name server does not answer: check the network, and try again";
      case Errc::kLookupFailed:
        return "the name server cannot help";
    }
    return "unknown error";
  }
};

std::error_code why(int answer) noexcept {
  if (answer == EAI_SYSTEM) return sys::last_error();
  if (answer == EAI_NONAME || answer == EAI_NODATA) return Errc::kNoSuchHost;
  return answer == EAI_AGAIN ? Errc::kTryAgain : Errc::kLookupFailed;
}

/// Stops the thread until the system has an answer.
Addresses resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;  // Else each address comes three times.
  addrinfo* found = nullptr;
  const int answer = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (answer != 0) return std::unexpected(why(answer));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  std::vector<SocketAddr> addresses;
  for (const addrinfo* next = found; next != nullptr; next = next->ai_next) {
    const SocketAddr address = sys::address_of(*next->ai_addr);
    addresses.emplace_back(address.ip(), port);
  }
  return addresses;
}

}  // namespace

std::error_code make_error_code(Errc error) noexcept {
  static const Category category;
  return {static_cast<int>(error), category};
}

// [lookup]
Async<Addresses> lookup_host(ToSocketAddrs where) {
  if (const auto* known = std::get_if<std::vector<SocketAddr>>(&where.where_)) {
    if (known->empty()) co_return std::unexpected(make_error_code(Errc::kNoSuchHost));
    co_return *known;
  }
  if (const auto* error = std::get_if<Errc>(&where.where_)) co_return std::unexpected(*error);
  auto& host = std::get<ToSocketAddrs::Host>(where.where_);
  auto ask = [name = std::move(host.name), port = host.port] { return resolve(name, port); };
  Addresses found = co_await run_blocking(std::move(ask));
  co_return found;
}
// [/lookup]

}  // namespace nara::inline NARA_BUILD::net
