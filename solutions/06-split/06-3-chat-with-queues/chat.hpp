// A room in which nobody waits for anybody.
//
//   listen(1) ──┐           ┌──► │ line line │ ──► write_lines(1)
//   listen(2) ──┼─ tell() ──┼──► │ line line │ ──► write_lines(2)
//   listen(3) ──┘           └──► │ line line │ ──► write_lines(3)
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <list>
#include <memory>
#include <nara/abort_on_drop.hpp>
#include <nara/async.hpp>
#include <nara/io/buf_reader.hpp>
#include <nara/io/result.hpp>
#include <nara/io/write.hpp>
#include <nara/join_handle.hpp>
#include <nara/net/split.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/mpsc.hpp>
#include <nara/time/timeout.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <string>
#include <utility>

/// Given. So many lines may wait for a guest. And who goes has so much time to take what waits.
inline constexpr std::size_t kRoom = 200;
inline constexpr std::chrono::seconds kPatience(1);

/// Given. A line, with `\n` at its end. There is one of it, whoever it is for.
using Line = std::shared_ptr<const std::string>;
using LineSender = nara::sync::mpsc::Sender<Line>;
using LineReceiver = nara::sync::mpsc::Receiver<Line>;

/// Given. Somebody in the room: a queue that leads to them, and the task that listens to them.
/// Destroying it ends the task, and lets the queue have an end.
struct Guest {
  Guest(int number, LineSender queue, nara::AbortHandle listening) noexcept
      : number(number), queue(std::move(queue)), listening(std::move(listening)) {}
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;
  ~Guest() { listening.abort(); }

  const int number;
  LineSender queue;
  nara::AbortHandle listening;
};

/// Given. All who are in the room. It has no lock: on one thread, nobody else runs between two
/// `co_await`s.
using Room = std::list<Guest>;

/// Given.
inline std::string name_of(int number) { return "client " + std::to_string(number); }

/// Puts the text into the queues of all guests but the one who says it. Whose queue has no room, or
/// whose connection is broken, is dropped: they are guests no more.
inline void tell(Room& room, int speaker, std::string text) {
  // BEGIN SOLUTION
  // STARTER: nara::todo("06-3: tell() tries to put the text into all other queues");
  const Line line = std::make_shared<const std::string>(std::move(text));
  std::erase_if(room, [&](Guest& guest) {
    return guest.number != speaker && !guest.queue.try_send(line).has_value();
  });
  // END SOLUTION
}

/// Writes what comes out of the queue, until there will be no more, or it cannot be written.
inline nara::Async<> write_lines(nara::net::OwnedWriteHalf half, LineReceiver queue) {
  // BEGIN SOLUTION
  // STARTER: nara::todo("06-3: write_lines() writes what comes out of the queue");
  // STARTER: co_return;
  nara::io::BufWriter writer(std::move(half));
  while (true) {
    const std::optional<Line> line = co_await queue.recv();
    if (!line) co_return;
    nara::io::Result<void> written = co_await nara::io::write_all(writer, **line);
    if (written && queue.is_empty()) written = co_await writer.flush();
    if (!written) co_return;
  }
  // END SOLUTION
}

/// Given. Reads lines until the connection ends, in whichever way, and tells each to the others.
inline nara::Async<> listen(std::shared_ptr<Room> room, int number, nara::net::OwnedReadHalf half) {
  nara::io::BufReader reader(std::move(half));
  auto lines = nara::io::lines(reader);
  while (true) {
    const nara::io::Result<std::optional<std::string>> line = co_await lines.next_line();
    if (!line || !*line) co_return;
    tell(*room, number, name_of(number) + ": " + **line + "\n");
    // Many lines may have come at once. Those who write have a turn after each of them.
    co_await nara::yield_now();
  }
}

/// Given. What a guest is told who comes in.
inline std::string welcome(const Room& others, int number) {
  std::string text = "welcome, " + name_of(number) + "; with you: ";
  for (const Guest& other : others) text += name_of(other.number) + ", ";
  if (others.empty()) text += "nobody, ";
  text.replace(text.size() - 2, 2, "\n");
  return text;
}

/// From the moment at which somebody comes in to the one at which they have gone:
///
/// 1. makes a queue and two tasks, one that writes and one that listens;
/// 2. tells the others `client 3 joined`, and the guest `welcome()`; the guest is in the room now;
/// 3. waits until the task that listens has ended, and takes the guest out of the room;
/// 4. tells the others `client 3 left`;
/// 5. waits until all is written that waits for the guest, for `kPatience`. After that, the task
///    that writes is ended.
inline nara::Async<> visit(std::shared_ptr<Room> room, int number, nara::net::TcpStream stream) {
  // BEGIN SOLUTION
  // STARTER: nara::todo("06-3: visit() lets somebody in, and out");
  // STARTER: co_return;
  auto [reader, writer] = nara::net::into_split(std::move(stream));
  auto [queue, lines] = nara::sync::mpsc::channel<Line>(kRoom);
  nara::AbortOnDrop writing(nara::spawn(write_lines(std::move(writer), std::move(lines))));
  auto listening = nara::spawn(listen(room, number, std::move(reader)));
  tell(*room, number, name_of(number) + " joined\n");
  (void)queue.try_send(std::make_shared<const std::string>(welcome(*room, number)));
  room->emplace_back(number, std::move(queue), listening.abort_handle());
  (void)co_await listening;
  std::erase_if(*room, [&](const Guest& guest) { return guest.number == number; });
  tell(*room, number, name_of(number) + " left\n");
  (void)co_await nara::time::timeout(kPatience, writing);
  // END SOLUTION
}

/// Given. Lets in all who come. Gives the error when nobody can come in any more.
inline nara::Async<nara::io::Result<void>> serve(nara::net::TcpListener listener) {
  const auto room = std::make_shared<Room>();
  for (int number = 1;; ++number) {
    nara::io::Result<nara::net::Accepted> accepted = co_await listener.accept();
    if (!accepted) co_return std::unexpected(accepted.error());
    (void)nara::spawn(visit(room, number, std::move(accepted->stream)));
  }
}
