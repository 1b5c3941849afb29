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
#include <nara/todo.hpp>
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
  co_return nara::todo("05-2: greet_by_hand() makes the door non-blocking, and registers it");
}

/// The same. The door stays as it is, and is waited for on another thread. When this is given up,
/// that thread goes on waiting; so the door has to stay open until it is done.
inline nara::Async<std::error_code> greet_elsewhere(nara::OwnedFd door, Greet greet) {
  co_return nara::todo("05-2: greet_elsewhere() lets another thread wait at the door");
}

/// The same. Gives the door to a listener, and the guests out of their streams.
inline nara::Async<std::error_code> greet_adopted(nara::OwnedFd door, Greet greet) {
  co_return nara::todo("05-2: greet_adopted() makes a TcpListener of the door");
}
