// System calls on sockets, and addresses as the kernel has them.
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstring>
#include <nara/sys/call.hpp>
#include <nara/sys/socket.hpp>

namespace nara::inline NARA_BUILD::sys {

namespace {

io::Result<void> done(const io::Result<int>& answer) noexcept {
  if (answer) return {};
  return std::unexpected(answer.error());
}

}  // namespace

RawAddr::RawAddr(const net::SocketAddr& address) noexcept {
  const std::span<const std::uint8_t> bytes = address.ip().bytes();
  if (address.is_v4()) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(address.port());
    std::ranges::copy(bytes, reinterpret_cast<std::uint8_t*>(&in.sin_addr));
    std::memcpy(&raw_, &in, sizeof in);
    size = sizeof in;
  } else {
    raw_.sin6_family = AF_INET6;
    raw_.sin6_port = htons(address.port());
    raw_.sin6_scope_id = address.ip().scope();
    std::ranges::copy(bytes, raw_.sin6_addr.s6_addr);
  }
}

net::SocketAddr address_of(const sockaddr& raw) noexcept {
  // Safe because: the family says what it is.
  if (raw.sa_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(raw);
    const auto ip = std::bit_cast<std::array<std::uint8_t, 4>>(in.sin_addr);
    return {net::IpAddr::v4(ip[0], ip[1], ip[2], ip[3]), ntohs(in.sin_port)};
  }
  const auto& in = reinterpret_cast<const sockaddr_in6&>(raw);
  const auto ip = std::bit_cast<std::array<std::uint8_t, 16>>(in.sin6_addr);
  return {net::IpAddr::v6(ip, in.sin6_scope_id), ntohs(in.sin6_port)};
}

io::Result<OwnedFd> socket(int domain, int type) noexcept {
  const auto made = call([=] { return ::socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); });
  if (!made) return std::unexpected(made.error());
  return OwnedFd(*made);
}

io::Result<void> bind(int descriptor, const net::SocketAddr& address) noexcept {
  const RawAddr raw(address);
  return done(call([&] { return ::bind(descriptor, raw.data(), raw.size); }));
}

io::Result<void> listen(int descriptor, int backlog) noexcept {
  return done(call([=] { return ::listen(descriptor, backlog); }));
}

io::Result<AcceptedFd> accept(int descriptor) noexcept {
  RawAddr raw;
  const auto accepted = call(
      [&] { return ::accept4(descriptor, raw.data(), &raw.size, SOCK_CLOEXEC | SOCK_NONBLOCK); });
  if (!accepted) return std::unexpected(accepted.error());
  return AcceptedFd{OwnedFd(*accepted), address_of(*raw.data())};
}

io::Result<void> connect(int descriptor, const net::SocketAddr& address) noexcept {
  const RawAddr raw(address);
  // Why once: a signal does not stop it, and a second call would say EALREADY.
  if (call_once([&] { return ::connect(descriptor, raw.data(), raw.size); }) == 0) return {};
  const int error = errno == EINTR ? EINPROGRESS : errno;
  return std::unexpected(std::error_code(error, std::system_category()));
}

io::Result<void> shutdown(int descriptor, int how) noexcept {
  return done(call([=] { return ::shutdown(descriptor, how); }));
}

io::Result<net::SocketAddr> local_addr(int descriptor) noexcept {
  RawAddr raw;
  const auto got = call([&] { return ::getsockname(descriptor, raw.data(), &raw.size); });
  if (!got) return std::unexpected(got.error());
  return address_of(*raw.data());
}

io::Result<net::SocketAddr> peer_addr(int descriptor) noexcept {
  RawAddr raw;
  const auto got = call([&] { return ::getpeername(descriptor, raw.data(), &raw.size); });
  if (!got) return std::unexpected(got.error());
  return address_of(*raw.data());
}

io::Result<std::size_t> recv(int descriptor, std::span<std::byte> into, int flags) noexcept {
  return call([=] { return ::recv(descriptor, into.data(), into.size(), flags); });
}

io::Result<std::size_t> send(int descriptor, std::span<const std::byte> bytes) noexcept {
  return call([=] { return ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL); });
}

io::Result<std::size_t> recv(int descriptor, std::span<const iovec> into) noexcept {
  const int count = static_cast<int>(std::min<std::size_t>(into.size(), IOV_MAX));
  return call([=] { return ::readv(descriptor, into.data(), count); });
}

io::Result<std::size_t> send(int descriptor, std::span<const iovec> pieces) noexcept {
  msghdr message{};
  // Safe because: what is sent is only read.
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = std::min<std::size_t>(pieces.size(), IOV_MAX);
  return call([&] { return ::sendmsg(descriptor, &message, MSG_NOSIGNAL); });
}

io::Result<void> get_option(int descriptor, int level, int name, void* value,
                            socklen_t size) noexcept {
  return done(call([&] { return ::getsockopt(descriptor, level, name, value, &size); }));
}

io::Result<void> set_option(int descriptor, int level, int name, const void* value,
                            socklen_t size) noexcept {
  return done(call([&] { return ::setsockopt(descriptor, level, name, value, size); }));
}

}  // namespace nara::inline NARA_BUILD::sys
