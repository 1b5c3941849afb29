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
  // BEGIN SOLUTION
  // STARTER: nara::todo("06-1: read_lines() puts what it reads into the queue, line by line");
  // STARTER: co_return;
  nara::io::BufReader reader(std::move(half));
  auto lines = nara::io::lines(reader);
  while (true) {
    nara::io::Result<std::optional<std::string>> line = co_await lines.next_line();
    if (!line || !*line) co_return;
    const auto sent = co_await queue.send(**std::move(line));
    if (!sent) co_return;
  }
  // END SOLUTION
}

/// Takes lines out of the queue, and writes each of them, with "\n" at its end, until there will be
/// no more, or they cannot be written.
inline nara::Async<> write_lines(nara::net::OwnedWriteHalf half, LineReceiver queue) {
  // BEGIN SOLUTION
  // STARTER: nara::todo("06-1: write_lines() writes what comes out of the queue");
  // STARTER: co_return;
  while (true) {
    std::optional<std::string> line = co_await queue.recv();
    if (!line) co_return;
    *line += '\n';
    const nara::io::Result<void> written = co_await nara::io::write_all(half, *line);
    if (!written) co_return;
  }
  // END SOLUTION
}

/// Serves one connection: two tasks, with a queue between them. Ends when both have ended.
inline nara::Async<> echo(nara::net::TcpStream stream) {
  // BEGIN SOLUTION
  // STARTER: nara::todo("06-1: echo() makes two halves, a queue, and two tasks");
  // STARTER: co_return;
  auto [reader, writer] = nara::net::into_split(std::move(stream));
  auto [sender, receiver] = nara::sync::mpsc::channel<std::string>(kRoom);
  auto reading = nara::spawn(read_lines(std::move(reader), std::move(sender)));
  auto writing = nara::spawn(write_lines(std::move(writer), std::move(receiver)));
  (void)co_await reading;
  (void)co_await writing;
  // END SOLUTION
}

/// Given. Serves all who come. Gives the error when nobody can come in any more.
inline nara::Async<nara::io::Result<void>> serve(nara::net::TcpListener listener) {
  while (true) {
    nara::io::Result<nara::net::Accepted> accepted = co_await listener.accept();
    if (!accepted) co_return std::unexpected(accepted.error());
    (void)nara::spawn(echo(std::move(accepted->stream)));
  }
}
