// A server that gives back what it is told, line by line. One task reads, and another one writes.
#pragma once

#include <cstddef>
#include <expected>
#include <nara/async.hpp>
#include <nara/io/buf_reader.hpp>
#include <nara/io/result.hpp>
#include <nara/io/write.hpp>
#include <nara/net/split.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/mpsc.hpp>
#include <nara/todo.hpp>
#include <optional>
#include <string>
#include <utility>

/// Given. So many lines may wait between the one who reads and the one who writes.
inline constexpr std::size_t kRoom = 16;

/// Given. Both ends of a queue of lines. A line in it has no "\n" at its end.
using LineSender = nara::sync::mpsc::Sender<std::string>;
using LineReceiver = nara::sync::mpsc::Receiver<std::string>;

/// Reads lines, and sends each of them into the queue, until the connection ends, in whichever way,
/// or nobody takes lines out of the queue any more.
inline nara::Async<> read_lines(nara::net::OwnedReadHalf half, LineSender queue) {
  nara::todo("06-1: read_lines() puts what it reads into the queue, line by line");
  co_return;
}

/// Takes lines out of the queue, and writes each of them, with "\n" at its end, until there will be
/// no more, or they cannot be written.
inline nara::Async<> write_lines(nara::net::OwnedWriteHalf half, LineReceiver queue) {
  nara::todo("06-1: write_lines() writes what comes out of the queue");
  co_return;
}

/// Serves one connection: two tasks, with a queue between them. Ends when both have ended.
inline nara::Async<> echo(nara::net::TcpStream stream) {
  nara::todo("06-1: echo() makes two halves, a queue, and two tasks");
  co_return;
}

/// Given. Serves all who come. Gives the error when nobody can come in any more.
inline nara::Async<nara::io::Result<void>> serve(nara::net::TcpListener listener) {
  while (true) {
    nara::io::Result<nara::net::Accepted> accepted = co_await listener.accept();
    if (!accepted) co_return std::unexpected(accepted.error());
    (void)nara::spawn(echo(std::move(accepted->stream)));
  }
}
