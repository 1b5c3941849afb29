// A server that gives back what it is told, and counts who comes and goes.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <expected>
#include <iostream>
#include <nara/async.hpp>
#include <nara/io/result.hpp>
#include <nara/io/write.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/spawn.hpp>
#include <nara/todo.hpp>
#include <span>
#include <utility>

/// Given. How many connections there were, and how many of them have ended. All who serve share
/// them, on whatever thread they run.
struct Counters {
  std::atomic<int> opened = 0;  ///< The new value is the number of the connection.
  std::atomic<int> closed = 0;

  /// How many there are now.
  int active() const { return opened - closed; }
};

/// Gives back what comes through the connection, until that has ended, in whichever way. Then
/// counts it as closed.
inline nara::Async<> echo(nara::net::TcpStream stream, Counters& counters) {
  nara::todo("05-1: echo() gives back what it reads, and counts the end, whatever it is");
  co_return;
}

/// Accepts connections for ever, and lets a task of its own `echo()` each of them. For each, prints
/// `Connection #N from {addr}` to `std::cout`: N is the new value of `counters.opened`. Gives the
/// error when nobody can come in any more.
inline nara::Async<nara::io::Result<void>> serve(nara::net::TcpListener listener,
                                                 Counters& counters) {
  co_return nara::todo("05-1: accept a connection and spawn a task for it");
}
