// A connection in memory.
#include <testkit/worker.hpp>

#include "streams.hpp"

using nara::io::read_to_string;
using nara::io::write_all;

namespace {

std::string read(const DuplexStream& stream, std::size_t most = 100) {
  std::string text(most, '\0');
  text.resize(now(stream.read(std::as_writable_bytes(std::span(text)))).value());
  return text;
}

/// The stream goes.
void destroy(DuplexStream stream) { (void)stream; }

Async<> send(DuplexStream stream, std::string text) { (void)co_await write_all(stream, text); }

}  // namespace

TEST_CASE("what one end writes, the other reads, in both directions") {
  auto [one, other] = duplex(64);
  CHECK(now(one.write(as_bytes("ping"))) == 4);
  CHECK(read(other) == "ping");
  CHECK(now(other.write(as_bytes("pong"))) == 4);
  CHECK(read(one) == "pong");
}

TEST_CASE("a pipe takes as much as it has room for") {
  auto [one, other] = duplex(32);
  const std::string text(64, 'x');
  CHECK(now(one.write(as_bytes(text))) == 32);
  auto more = by_hand(one.write(as_bytes(text)));
  CHECK(more.poll().is_pending());
  CHECK(read(other, 4).size() == 4);
  CHECK(more.is_woken());
  CHECK(more.poll().value() == 4);
}

TEST_CASE("bytes keep their order when the ring is full and comes round") {
  auto [one, other] = duplex(5);
  std::string sent;
  std::string got;
  for (int i = 0; i < 100; ++i) {
    const std::string piece{static_cast<char>('a' + (i % 26)), static_cast<char>('A' + (i % 26))};
    sent += piece;
    CHECK(now(one.write(as_bytes(piece))) == 2);
    if (i % 2 == 1) got += read(other, 4);
  }
  CHECK(got == sent);
}

TEST_CASE("a reader waits until there are bytes") {
  auto [one, other] = duplex(8);
  std::array<std::byte, 8> room{};
  auto reading = by_hand(other.read(room));
  CHECK(reading.poll().is_pending());
  CHECK_FALSE(reading.is_woken());
  CHECK(now(one.write(as_bytes("abc"))) == 3);
  CHECK(reading.is_woken());
  CHECK(reading.poll().value() == 3);
}

TEST_CASE("when the end that writes goes, the other reads what is left, and then the end") {
  auto [one, other] = duplex(8);
  CHECK(now(one.write(as_bytes("last"))) == 4);
  destroy(std::move(one));
  CHECK(read(other) == "last");
  CHECK(read(other).empty());
  CHECK(read(other).empty());
}

TEST_CASE("when the end that reads goes, a writer that waits gives EPIPE, and so do later ones") {
  auto [one, other] = duplex(2);
  CHECK(now(one.write(as_bytes("xy"))) == 2);
  auto writing = by_hand(one.write(as_bytes("z")));
  CHECK(writing.poll().is_pending());
  destroy(std::move(other));
  CHECK(writing.is_woken());
  CHECK(writing.poll().value().error() == std::errc::broken_pipe);
  CHECK(now(one.write(as_bytes("z"))).error() == std::errc::broken_pipe);
}

TEST_CASE("an end that is shut down still reads, and writes no more") {
  auto [one, other] = duplex(8);
  CHECK(now(one.shutdown()).has_value());
  CHECK(now(one.shutdown()).has_value());
  CHECK(now(one.flush()).has_value());
  CHECK(read(other).empty());
  CHECK(now(one.write(as_bytes("x"))).error() == std::errc::broken_pipe);
  CHECK(now(other.write(as_bytes("ok"))) == 2);
  CHECK(read(one) == "ok");
}

TEST_CASE("a read without room and a write of nothing are over at once") {
  auto [one, other] = duplex(8);
  CHECK(now(one.read({})) == 0);
  CHECK(now(one.write({})) == 0);
}

TEST_CASE("a pipe without room has room for one byte") {
  auto [one, other] = duplex(0);
  CHECK(now(one.write(as_bytes("ab"))) == 1);
  CHECK(read(other) == "a");
}

TEST_CASE("who gives up a read or a write leaves no waker behind, and loses nothing") {
  auto [one, other] = duplex(2);
  std::array<std::byte, 8> room{};
  auto reading = by_hand(other.read(room));
  CHECK(reading.poll().is_pending());
  CHECK(reading.wakers_out() == 1);
  reading.cancel();
  CHECK(reading.wakers_out() == 0);
  CHECK(now(one.write(as_bytes("ab"))) == 2);
  auto writing = by_hand(one.write(as_bytes("c")));
  CHECK(writing.poll().is_pending());
  CHECK(writing.wakers_out() == 1);
  writing.cancel();
  CHECK(writing.wakers_out() == 0);
  CHECK(read(other) == "ab");
}

TEST_CASE("a task waits at a duplex, and says so") {
  auto [one, other] = duplex(2);
  std::array<std::byte, 8> room{};
  auto reading = by_hand(other.read(room));
  nara::Trace trace;
  nara::detail::describe(reading.future(), trace);
  CHECK(trace.waits_for == "DuplexStream::read()");
}

TEST_CASE("one end may be on another thread") {
  run([]() -> Async<> {
    auto [one, other] = duplex(16);
    const std::string text(10'000, 'x');
    nara::test::Worker worker;
    auto sending = worker.executor().spawn(send, std::move(other), text);
    std::string got;
    const auto size = co_await read_to_string(one, got);
    CHECK(size == text.size());
    (void)co_await sending;
  });
}
