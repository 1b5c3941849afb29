// Sockets as the kernel gives them, on this machine, for demos that do without the layer.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <nara/io/text.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/owned_fd.hpp>
#include <nara/sys/socket.hpp>
#include <string>
#include <string_view>
#include <utility>

using nara::OwnedFd;
using nara::net::SocketAddr;

/// A port that is free: the kernel chooses it.
constexpr SocketAddr kFreePort(nara::net::IpAddr::loopback_v4(), 0);

/// A socket that waits in its calls, like any that is new.
inline OwnedFd new_socket() { return OwnedFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

/// One that listens.
inline OwnedFd listen_somewhere(int backlog = 16) {
  OwnedFd listener = new_socket();
  (void)nara::sys::bind(listener.fd(), kFreePort);
  (void)nara::sys::listen(listener.fd(), backlog);
  return listener;
}

inline SocketAddr address_of(const OwnedFd& socket) {
  return nara::sys::local_addr(socket.fd()).value();
}

/// Calls whoever listens there, and waits until there is a connection.
inline OwnedFd dial(const SocketAddr& address) {
  OwnedFd socket = new_socket();
  (void)nara::sys::connect(socket.fd(), address);
  return socket;
}

inline void say(const OwnedFd& call, std::string_view words) {
  (void)nara::sys::send(call.fd(), nara::io::as_bytes(words));
}

/// What comes, at most 100 bytes. Waits for it, if the socket does.
inline std::string hear(const OwnedFd& call) {
  std::string words(100, ' ');
  const auto size = nara::sys::recv(call.fd(), std::as_writable_bytes(std::span(words)));
  words.resize(size.value_or(0));
  return words;
}

/// Both ends of a connection.
struct Call {
  OwnedFd caller;
  OwnedFd callee;
};

inline Call call_somebody() {
  const OwnedFd listener = listen_somewhere();
  OwnedFd caller = dial(address_of(listener));
  return {std::move(caller), OwnedFd(::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC))};
}
