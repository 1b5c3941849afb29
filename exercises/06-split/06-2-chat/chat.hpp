// A room in which everybody hears what the others say.
//
//   accept ──► visit(1) ──► listen(1) ──┐  tell()   ┌─────────────────────────────┐
//          ──► visit(2) ──► listen(2) ──┼─────────► │ the guests: OwnedWriteHalf… │  behind a Mutex
//          ──► visit(3) ──► listen(3) ──┘           └─────────────────────────────┘
#pragma once

#include <chrono>
#include <expected>
#include <list>
#include <memory>
#include <nara/async.hpp>
#include <nara/io/buf_reader.hpp>
#include <nara/io/result.hpp>
#include <nara/io/write.hpp>
#include <nara/join_handle.hpp>
#include <nara/net/split.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/mutex.hpp>
#include <nara/time/timeout.hpp>
#include <nara/todo.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

/// Given. How long the others wait until something is written to a guest.
inline constexpr std::chrono::seconds kPatience(1);

/// Given. Somebody in the room: what leads to them, and the task that listens to them. Destroying
/// it ends both: the connection is closed.
struct Guest {
  Guest(int number, nara::net::OwnedWriteHalf writer, nara::AbortHandle listening) noexcept
      : number(number), writer(std::move(writer)), listening(std::move(listening)) {}
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;
  ~Guest() { listening.abort(); }

  const int number;
  nara::net::OwnedWriteHalf writer;
  nara::AbortHandle listening;
};

/// Given. All who are in the room. Who wants to speak has to lock it.
using Guests = std::list<Guest>;
using Room = nara::sync::Mutex<Guests>;

/// Given.
inline std::string name_of(int number) { return "client " + std::to_string(number); }

/// Writes the text to the guest. False if that could not be done, or took longer than `kPatience`:
/// a part of it may have been written then.
inline nara::Async<bool> write_to(Guest& guest, std::string_view text) {
  co_return nara::todo("06-2: write_to() gives write_all() so much time");
}

/// Writes the text to all guests but the one who says it. To whom it cannot be written is dropped:
/// they are guests no more.
inline nara::Async<> tell(Guests& guests, int speaker, std::string_view text) {
  nara::todo("06-2: tell() writes to all others, and drops whom it cannot write to");
  co_return;
}

/// Reads lines until the connection ends, in whichever way, and tells each of them to the others:
/// `client 3: hello` and an end of line.
inline nara::Async<> listen(std::shared_ptr<Room> room, int number, nara::net::OwnedReadHalf half) {
  nara::todo("06-2: listen() reads lines, and tells each to the others");
  co_return;
}

/// Given. What a guest is told who comes in.
inline std::string welcome(const Guests& others, int number) {
  std::string text = "welcome, " + name_of(number) + "; with you: ";
  for (const Guest& other : others) text += name_of(other.number) + ", ";
  if (others.empty()) text += "nobody, ";
  text.replace(text.size() - 2, 2, "\n");
  return text;
}

/// Given. From the moment at which somebody comes in to the one at which they have gone. The one
/// lock in the beginning is for all three steps, so that no other can come in between: everybody
/// hears of everybody.
inline nara::Async<> visit(std::shared_ptr<Room> room, int number, nara::net::TcpStream stream) {
  auto [reader, writer] = nara::net::into_split(std::move(stream));
  auto listening = nara::spawn(listen(room, number, std::move(reader)));
  {
    auto guests = co_await room->lock();
    co_await tell(*guests, number, name_of(number) + " joined\n");
    const std::string text = welcome(*guests, number);
    Guest& guest = guests->emplace_back(number, std::move(writer), listening.abort_handle());
    (void)co_await write_to(guest, text);
  }
  (void)co_await listening;  // They have gone, or were dropped.
  auto guests = co_await room->lock();
  std::erase_if(*guests, [&](const Guest& guest) { return guest.number == number; });
  co_await tell(*guests, number, name_of(number) + " left\n");
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
