// Writing all of it, and writing it later.
#include "streams.hpp"

using nara::io::BufWriter;
using nara::io::write_all;

TEST_CASE("write_all writes in as many pieces as it takes, in their order") {
  Counted stream(4);
  CHECK(now(write_all(stream, "hello world")).has_value());
  CHECK(stream.writes == 3);
  CHECK(stream.written == "hello world");
}

TEST_CASE("write_all of nothing does not ask the stream") {
  Counted stream(4);
  CHECK(now(write_all(stream, "")).has_value());
  CHECK(stream.writes == 0);
}

TEST_CASE("write_all gives kWriteZero when the stream takes nothing") {
  Counted stream(0);
  const auto result = now(write_all(stream, "hello"));
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error() == Errc::kWriteZero);
  CHECK(result.error().message() == "the stream takes no more bytes");
}

TEST_CASE("write_all gives the error of the stream") {
  MockStream stream;
  stream.will_expect("he").will_write_error(reset_by_peer());
  CHECK(now(write_all(stream, "hello")).error() == reset_by_peer());
}

TEST_CASE("a BufWriter collects small writes until it is full") {
  Counted stream(100);
  BufWriter writer(stream, 8);
  CHECK(now(writer.write(as_bytes("abc"))) == 3);
  CHECK(now(writer.write(as_bytes("defgh"))) == 5);
  CHECK(stream.writes == 0);
  CHECK(as_text(writer.buffer()) == "abcdefgh");
  CHECK(now(writer.write(as_bytes("i"))) == 1);
  CHECK(stream.writes == 1);
  CHECK(stream.written == "abcdefgh");
  CHECK(as_text(writer.buffer()) == "i");
}

TEST_CASE(
    "what is as large as the buffer goes straight to the stream, after what is in the buffer") {
  Counted stream(100);
  BufWriter writer(stream, 4);
  CHECK(now(writer.write(as_bytes("ab"))) == 2);
  CHECK(now(writer.write(as_bytes("cdef"))) == 4);
  CHECK(stream.writes == 2);
  CHECK(stream.written == "abcdef");
  CHECK(writer.buffer().empty());
}

TEST_CASE("flush empties the buffer into the stream, and flushes that") {
  Counted stream(2);
  BufWriter writer(stream, 8);
  CHECK(now(write_all(writer, "abcde")).has_value());
  CHECK(now(writer.flush()).has_value());
  CHECK(stream.written == "abcde");
  CHECK(stream.writes == 3);
  CHECK(stream.flushes == 1);
  CHECK(writer.buffer().empty());
  CHECK_FALSE(stream.is_shut_down);
}

TEST_CASE("shutdown writes what is in the buffer before it ends the stream") {
  Counted stream(100);
  BufWriter writer(stream);
  CHECK(now(write_all(writer, "bye")).has_value());
  CHECK(now(writer.shutdown()).has_value());
  CHECK(stream.written == "bye");
  CHECK(stream.is_shut_down);
}

TEST_CASE("what is in a BufWriter that is destroyed, or taken apart, is never written") {
  Counted stream(100);
  {
    BufWriter writer(stream);
    CHECK(now(write_all(writer, "lost")).has_value());
  }
  CHECK(stream.written.empty());
  BufWriter writer(std::move(stream));
  CHECK(now(write_all(writer, "lost")).has_value());
  CHECK(std::move(writer).into_inner().written.empty());
}

TEST_CASE("a flush that is given up has written a part, and the next one writes the rest") {
  auto [one, other] = duplex(2);
  BufWriter writer(one);
  CHECK(now(write_all(writer, "abcd")).has_value());
  auto flushing = by_hand(writer.flush());
  CHECK(flushing.poll().is_pending());
  flushing.cancel();
  CHECK(as_text(writer.buffer()) == "cd");
  std::array<std::byte, 2> room{};
  CHECK(now(other.read(room)) == 2);
  CHECK(now(writer.flush()).has_value());
  CHECK(now(other.read(room)) == 2);
  CHECK(as_text(room) == "cd");
}

TEST_CASE("a write that is given up while it makes room has taken nothing") {
  auto [one, other] = duplex(2);
  BufWriter writer(one, 4);
  CHECK(now(write_all(writer, "abc")).has_value());
  auto writing = by_hand(writer.write(as_bytes("de")));
  CHECK(writing.poll().is_pending());
  writing.cancel();
  CHECK(as_text(writer.buffer()) == "c");
}

TEST_CASE("an error leaves in the buffer what was not written") {
  MockStream stream;
  stream.will_expect("ab").will_write_error(reset_by_peer()).will_expect("cd");
  BufWriter writer(stream);
  CHECK(now(write_all(writer, "abcd")).has_value());
  CHECK(now(writer.flush()).error() == reset_by_peer());
  CHECK(as_text(writer.buffer()) == "cd");
  CHECK(now(writer.flush()).has_value());
}

TEST_CASE("a BufWriter on a stream that takes nothing gives kWriteZero") {
  BufWriter writer(Counted(0), 4);
  CHECK(now(writer.write(as_bytes("abc"))) == 3);
  CHECK(now(writer.flush()).error() == Errc::kWriteZero);
  CHECK(writer.get_inner().writes == 1);
}
