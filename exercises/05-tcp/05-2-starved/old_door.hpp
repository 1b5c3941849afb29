// Given: how a program with threads opens a door, and lets somebody in. Both functions are right,
// and the second one keeps the thread that calls it.
#pragma once

#include <sys/socket.h>

#include <expected>
#include <nara/io/result.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/owned_fd.hpp>
#include <nara/sys/call.hpp>
#include <nara/sys/socket.hpp>

/// A socket that listens at `address`, and blocks: a call that has to wait keeps its thread.
inline nara::io::Result<nara::OwnedFd> open_door(const nara::net::SocketAddr& address) {
  const int domain = address.is_v4() ? AF_INET : AF_INET6;
  const auto made =
      nara::sys::call([domain] { return ::socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0); });
  if (!made) return std::unexpected(made.error());
  nara::OwnedFd door(*made);
  const auto reused = nara::sys::set_option(door.fd(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (!reused) return std::unexpected(reused.error());
  const auto bound = nara::sys::bind(door.fd(), address);
  if (!bound) return std::unexpected(bound.error());
  const auto listens = nara::sys::listen(door.fd(), 128);
  if (!listens) return std::unexpected(listens.error());
  return door;
}

/// The next guest: a connection. When nobody is there, it waits in the kernel, and its thread with
/// it; on a socket that is non-blocking, it says `EAGAIN` instead. `EINVAL` when the door was shut.
/// accept4(2).
inline nara::io::Result<nara::OwnedFd> let_in(const nara::OwnedFd& door) {
  const auto guest =
      nara::sys::call([&door] { return ::accept4(door.fd(), nullptr, nullptr, SOCK_CLOEXEC); });
  if (!guest) return std::unexpected(guest.error());
  return nara::OwnedFd(*guest);
}
