// A connection in two halves.
#include <sys/socket.h>

#include <nara/counters.hpp>
#include <nara/current_thread.hpp>
#include <nara/misuse.hpp>
#include <nara/net/split.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/owned_fd.hpp>
#include <nara/reactor.hpp>
#include <nara/spawn.hpp>

#include "streams.hpp"

using nara::Misuse;
using nara::io::read_exact;
using nara::io::read_to_string;
using nara::io::write_all;
using nara::net::OwnedReadHalf;
using nara::net::OwnedWriteHalf;
using nara::net::TcpListener;
using nara::net::TcpStream;
using nara::test::run_with_drivers;

namespace {

/// Both ends of a connection.
struct Pair {
  TcpStream client;
  TcpStream server;
};

Async<Pair> connected() {
  auto listener = co_await TcpListener::bind("127.0.0.1:0");
  const auto address = listener.value().local_addr().value();
  auto client = co_await TcpStream::connect(address);
  auto accepted = co_await listener->accept();
  co_return Pair{std::move(client).value(), std::move(accepted).value().stream};
}

/// Both ends of a pair of unix sockets, which are streams as connections are.
Pair unix_pair() {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  auto client = TcpStream::from_fd(nara::OwnedFd(ends[0]));
  auto server = TcpStream::from_fd(nara::OwnedFd(ends[1]));
  return {std::move(client).value(), std::move(server).value()};
}

Async<std::string> all_of(OwnedReadHalf reader) {
  std::string text;
  const auto size = co_await read_to_string(reader, text);
  CHECK(size == text.size());
  co_return text;
}

template <class Half>
void destroy(Half half) {
  (void)half;
}

/// What the other side has sent, up to the end.
Async<std::string> rest(const TcpStream& stream) {
  std::string text;
  const auto size = co_await read_to_string(stream, text);
  CHECK(size.has_value());
  co_return text;
}

}  // namespace

TEST_CASE("with a borrowed split, one half reads while the other writes") {
  run_with_drivers([]() -> Async<> {
    const Pair pair = co_await connected();
    auto [reader, writer] = split(pair.client);
    std::array<std::byte, 4> room{};
    auto reading = by_hand(reader.read(room));
    CHECK(reading.poll().is_pending());
    (void)co_await write_all(writer, "ping");
    const auto got = co_await read_exact(pair.server, room);
    CHECK(got.has_value());
    (void)co_await write_all(pair.server, "pong");
    reading.cancel();
    const auto answer = co_await read_exact(reader, room);
    CHECK(answer.has_value());
    CHECK(as_text(room) == "pong");
  });
}

TEST_CASE("each end of a unix pair says something, ends, and hears the other through its halves") {
  run_with_drivers([]() -> Async<> {
    Pair pair = unix_pair();
    auto [reader, writer] = into_split(std::move(pair.client));
    auto [far_reader, far_writer] = split(pair.server);
    (void)co_await write_all(writer, "ping");
    (void)co_await write_all(far_writer, "pong!");
    const auto ended = co_await writer.shutdown();
    CHECK(ended.has_value());
    const auto far_ended = co_await far_writer.shutdown();
    CHECK(far_ended.has_value());
    std::string text;
    const auto size = co_await read_to_string(reader, text);
    CHECK(size == 5);
    const auto far_size = co_await read_to_string(far_reader, text);
    CHECK(far_size == 4);
    CHECK(text == "pong!ping");
  });
}

TEST_CASE("owned halves go to tasks of their own, and work at the same time") {
  run_with_drivers([]() -> Async<> {
    Pair pair = co_await connected();
    const std::string text(1 << 20, 'x');
    auto [reader, writer] = into_split(std::move(pair.client));
    auto [far_reader, far_writer] = into_split(std::move(pair.server));
    auto reading = nara::spawn(all_of, std::move(reader));
    auto far_reading = nara::spawn(all_of, std::move(far_reader));
    const auto send = [](OwnedWriteHalf half, std::string all) -> Async<> {
      (void)co_await write_all(half, all);
    };
    auto sending = nara::spawn(send, std::move(writer), text);
    co_await send(std::move(far_writer), text);
    const auto here = co_await reading;
    CHECK(here.value() == text);
    const auto there = co_await far_reading;
    CHECK(there.value() == text);
    (void)co_await sending;
  });
}

TEST_CASE(
    "when the half that writes goes, the other side reads the end, and this one goes on reading") {
  run_with_drivers([]() -> Async<> {
    Pair pair = co_await connected();
    auto [reader, writer] = into_split(std::move(pair.client));
    (void)co_await write_all(writer, "bye");
    destroy(std::move(writer));
    const std::string last = co_await rest(pair.server);
    CHECK(last == "bye");
    (void)co_await write_all(pair.server, "wait");
    std::array<std::byte, 4> room{};
    const auto got = co_await read_exact(reader, room);
    CHECK(got.has_value());
    CHECK(as_text(room) == "wait");
  });
}

TEST_CASE("a half that is forgotten says nothing, until the other half is gone") {
  run_with_drivers([]() -> Async<> {
    Pair pair = co_await connected();
    auto [reader, writer] = into_split(std::move(pair.client));
    std::move(writer).forget();
    std::array<std::byte, 4> room{};
    auto reading = by_hand(pair.server.read(room));
    CHECK(reading.poll().is_pending());
    step("the connection is there: what is written arrives");
    (void)co_await write_all(pair.server, "here");
    const auto got = co_await read_exact(reader, room);
    CHECK(got.has_value());
    CHECK(reading.poll().is_pending());
    destroy(std::move(reader));
    const std::string last = co_await rest(pair.server);
    CHECK(last.empty());
  });
}

TEST_CASE("the half that reads may go first, and the other one still writes") {
  run_with_drivers([]() -> Async<> {
    Pair pair = co_await connected();
    auto [reader, writer] = into_split(std::move(pair.client));
    destroy(std::move(reader));
    (void)co_await write_all(writer, "alone");
    const auto ended = co_await writer.shutdown();
    CHECK(ended.has_value());
    const std::string last = co_await rest(pair.server);
    CHECK(last == "alone");
  });
}

TEST_CASE("both halves become the stream again, and nothing is sent for that") {
  run_with_drivers([]() -> Async<> {
    Pair pair = co_await connected();
    const int descriptor = pair.client.fd();
    auto [reader, writer] = into_split(std::move(pair.client));
    auto stream = reunite(std::move(reader), std::move(writer));
    REQUIRE(stream.has_value());
    CHECK(stream->fd() == descriptor);
    (void)co_await write_all(*stream, "whole");
    std::array<std::byte, 5> room{};
    const auto got = co_await read_exact(pair.server, room);
    CHECK(got.has_value());
    CHECK(by_hand(pair.server.read(room)).poll().is_pending());
  });
}

TEST_CASE("halves of two streams are given back as they were") {
  run_with_drivers([]() -> Async<> {
    Pair pair = co_await connected();
    auto [reader, writer] = into_split(std::move(pair.client));
    auto [far_reader, far_writer] = into_split(std::move(pair.server));
    auto mixed = reunite(std::move(reader), std::move(far_writer));
    REQUIRE_FALSE(mixed.has_value());
    step("they still work");
    (void)co_await write_all(mixed.error().writer, "ping");
    std::array<std::byte, 4> room{};
    const auto got = co_await read_exact(mixed.error().reader, room);
    CHECK(got.has_value());
    CHECK(as_text(room) == "ping");
    step("and fit those that they belong to");
    CHECK(reunite(std::move(mixed.error().reader), std::move(writer)).has_value());
    CHECK(reunite(std::move(far_reader), std::move(mixed.error().writer)).has_value());
  });
}

TEST_CASE(
    "a half that is assigned to is the other one, and the one that was there ends its stream") {
  run_with_drivers([]() -> Async<> {
    Pair pair = co_await connected();
    auto [reader, writer] = into_split(std::move(pair.client));
    auto [far_reader, far_writer] = into_split(std::move(pair.server));
    {
      OwnedWriteHalf gone = std::move(far_writer);
      gone = std::move(writer);
      (void)co_await write_all(gone, "client");
    }
    const auto there = co_await all_of(std::move(far_reader));
    CHECK(there == "client");
  });
}

TEST_CASE("a half of a connection that was moved from is a misuse") {
  run_with_drivers([]() -> Async<> {
    Pair pair = co_await connected();
    auto [reader, writer] = into_split(std::move(pair.client));
    const OwnedReadHalf kept = std::move(reader);
    // NOLINTBEGIN(bugprone-use-after-move): that is what this is about.
    CHECK_THROWS_WITH_AS(
        (void)reader.read({}),
        "a half of a TcpStream was used that was moved from: use the one it was moved to", Misuse);
    CHECK_THROWS_AS((void)reunite(std::move(reader), std::move(writer)), Misuse);
    // NOLINTEND(bugprone-use-after-move)
  });
}

TEST_CASE("halves know the addresses, and try without waiting") {
  run_with_drivers([]() -> Async<> {
    Pair pair = co_await connected();
    const auto local = pair.client.local_addr().value();
    const auto peer = pair.client.peer_addr().value();
    auto [reader, writer] = into_split(std::move(pair.client));
    CHECK(reader.local_addr() == local);
    CHECK(writer.local_addr() == local);
    CHECK(reader.peer_addr() == peer);
    CHECK(writer.peer_addr() == peer);
    std::array<std::byte, 8> room{};
    CHECK(nara::io::is_would_block(reader.try_read(room).error()));
    (void)co_await writer.writable();
    CHECK(writer.try_write(as_bytes("ping")) == 4);
    (void)co_await write_all(pair.server, "pong");
    (void)co_await reader.readable();
    const auto peeked = co_await reader.peek(room);
    CHECK(peeked == 4);
    CHECK(reader.try_read(room) == 4);
  });
}
