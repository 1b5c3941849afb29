// A door that was made for threads, and three ways to stand at it without keeping the thread.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/io/result.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/owned_fd.hpp>
#include <nara/run_blocking.hpp>
#include <nara/sys/file.hpp>
#include <old_door.hpp>
#include <system_error>
#include <utility>

/// Is given each guest.
using Greet = std::function<void(nara::OwnedFd guest)>;

/// Given. As it was. While nobody comes, nothing else in this program gets a turn: the heart stands
/// still. Each of the three below does the same without that.
inline nara::Async<std::error_code> greet_all(nara::OwnedFd door, Greet greet) {
  while (true) {
    nara::io::Result<nara::OwnedFd> guest = let_in(door);
    if (!guest) co_return guest.error();
    greet(*std::move(guest));
  }
}

/// Greets all who come, until there is an error, and gives that. By hand: makes the door
/// non-blocking, and asks the reactor to say when it is worth a try.
inline nara::Async<std::error_code> greet_by_hand(nara::OwnedFd door, Greet greet) {
  // BEGIN SOLUTION
  // STARTER: co_return nara::todo("05-2: greet_by_hand() makes the door non-blocking, and registers it");
  const nara::io::Result<void> set = nara::sys::set_nonblocking(door.fd());
  if (!set) co_return set.error();
  const auto source = nara::AsyncFd<nara::OwnedFd>::try_new(std::move(door));
  if (!source) co_return source.error().cause;
  while (true) {
    nara::io::Result<nara::OwnedFd> guest =
        co_await source->async_io(nara::io::Interest::kReadable, let_in);
    if (!guest) co_return guest.error();
    greet(*std::move(guest));
  }
  // END SOLUTION
}

/// The same. The door stays as it is, and is waited for on another thread. When this is given up,
/// that thread goes on waiting; so the door has to stay open until it is done.
inline nara::Async<std::error_code> greet_elsewhere(nara::OwnedFd door, Greet greet) {
  // BEGIN SOLUTION
  // STARTER: co_return nara::todo("05-2: greet_elsewhere() lets another thread wait at the door");
  const auto shared = std::make_shared<const nara::OwnedFd>(std::move(door));
  while (true) {
    auto wait = [shared] { return let_in(*shared); };
    nara::io::Result<nara::OwnedFd> guest = co_await nara::run_blocking(std::move(wait));
    if (!guest) co_return guest.error();
    greet(*std::move(guest));
  }
  // END SOLUTION
}

/// The same. Gives the door to a listener, and the guests out of their streams.
inline nara::Async<std::error_code> greet_adopted(nara::OwnedFd door, Greet greet) {
  // BEGIN SOLUTION
  // STARTER: co_return nara::todo("05-2: greet_adopted() makes a TcpListener of the door");
  const auto listener = nara::net::TcpListener::from_fd(std::move(door));
  if (!listener) co_return listener.error();
  while (true) {
    nara::io::Result<nara::net::Accepted> accepted = co_await listener->accept();
    if (!accepted) co_return accepted.error();
    greet(std::move(accepted->stream).into_fd());
  }
  // END SOLUTION
}
