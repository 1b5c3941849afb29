// Datagram sockets as the kernel gives them, on this machine, for demos that do without the layer.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <nara/io/result.hpp>
#include <nara/io/text.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/owned_fd.hpp>
#include <nara/sys/call.hpp>
#include <nara/sys/socket.hpp>
#include <span>
#include <string>
#include <string_view>

using nara::OwnedFd;
using nara::net::SocketAddr;

/// A port that is free: the kernel chooses it.
constexpr SocketAddr kFreePort(nara::net::IpAddr::loopback_v4(), 0);

/// A letter box: a datagram socket with an address, on which no call waits.
inline OwnedFd put_up_a_box() {
  OwnedFd box = nara::sys::socket(AF_INET, SOCK_DGRAM).value();
  (void)nara::sys::bind(box.fd(), kFreePort);
  return box;
}

/// The same for somebody who waits in front of it: calls stop their thread.
inline OwnedFd wait_at_a_box() {
  OwnedFd box(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  (void)nara::sys::bind(box.fd(), kFreePort);
  return box;
}

inline SocketAddr address_of(const OwnedFd& box) { return nara::sys::local_addr(box.fd()).value(); }

/// Sends a postcard to this address.
inline nara::io::Result<std::size_t> post(const OwnedFd& from, const SocketAddr& to,
                                          std::span<const std::byte> words) {
  const nara::sys::RawAddr raw(to);
  return nara::sys::call([&] {
    return ::sendto(from.fd(), words.data(), words.size(), MSG_NOSIGNAL, raw.data(), raw.size);
  });
}

inline nara::io::Result<std::size_t> post(const OwnedFd& from, const SocketAddr& to,
                                          std::string_view words) {
  return post(from, to, nara::io::as_bytes(words));
}

/// The words on the next postcard, or why there are none; 100 bytes of them at most.
inline nara::io::Result<std::string> take_out(const OwnedFd& box) {
  std::string words(100, ' ');
  const auto room = std::as_writable_bytes(std::span(words));
  const auto size = nara::sys::recv(box.fd(), room);
  if (!size) return std::unexpected(size.error());
  words.resize(*size);
  return words;
}
