// Reading ahead, and lines.
#include <nara/io/buf_reader.hpp>
#include <optional>

#include "streams.hpp"

using nara::io::BufReader;
using nara::io::lines;
using nara::io::read_line;
using nara::io::read_until;

namespace {

using Room = std::array<std::byte, 3>;

}  // namespace

TEST_CASE("a read with room for more than the buffer goes straight to the stream") {
  Counted stream(100, "abcdefg");
  BufReader reader(stream, 2);
  Room room{};
  CHECK(now(reader.read(room)) == 3);
  CHECK(as_text(room) == "abc");
  CHECK(reader.buffer().empty());
  step("a smaller one goes through the buffer, and what is left over can be seen");
  CHECK(now(reader.read(std::span(room).first(1))) == 1);
  CHECK(room[0] == std::byte{'d'});
  CHECK(as_text(reader.buffer()) == "e");
  step("what is left over comes first, also when there is room for more");
  CHECK(now(reader.read(room)) == 1);
  CHECK(room[0] == std::byte{'e'});
  CHECK(now(reader.read(room)) == 2);
  CHECK(now(reader.read(room)) == 0);
}

TEST_CASE("small reads cost one read of the stream") {
  Counted stream(100, "abcdefgh");
  BufReader reader(stream);
  Room room{};
  for (const int size : {3, 3, 2}) CHECK(now(reader.read(room)) == size);
  CHECK(stream.reads == 1);
}

TEST_CASE("fill_buf shows the same bytes until they are consumed, and nothing at the end") {
  Counted stream(3, "abcde");
  BufReader reader(stream);
  CHECK(as_text(now(reader.fill_buf()).value()) == "abc");
  CHECK(as_text(now(reader.fill_buf()).value()) == "abc");
  CHECK(stream.reads == 1);
  reader.consume(1);
  CHECK(as_text(now(reader.fill_buf()).value()) == "bc");
  reader.consume(2);
  CHECK(as_text(now(reader.fill_buf()).value()) == "de");
  step("more than all is all");
  reader.consume(100);
  CHECK(now(reader.fill_buf()).value().empty());
}

TEST_CASE("fill_buf that is given up loses nothing") {
  MockStream stream;
  stream.will_expect("go").will_read("abc");
  BufReader reader(stream);
  auto filling = by_hand(reader.fill_buf());
  CHECK(filling.poll().is_pending());
  filling.cancel();
  CHECK(now(stream.write(as_bytes("go"))) == 2);
  CHECK(as_text(now(reader.fill_buf()).value()) == "abc");
}

TEST_CASE("an error of the stream leaves the reader as it was") {
  MockStream stream;
  stream.will_read_error(reset_by_peer()).will_read("abc");
  BufReader reader(stream);
  Room room{};
  CHECK(now(reader.read(std::span(room).first(1))).error() == reset_by_peer());
  CHECK(now(reader.read(room)) == 3);
}

TEST_CASE("a reader gives its stream back, without what is in the buffer") {
  BufReader reader(Counted(2, "abcd"));
  CHECK(as_text(now(reader.fill_buf()).value()) == "ab");
  CHECK(reader.get_inner().reads == 1);
  Counted stream = std::move(reader).into_inner();
  Room room{};
  CHECK(now(stream.read(room)) == 2);
  CHECK(room[0] == std::byte{'c'});
}

TEST_CASE("read_until gives all up to the byte, with it, wherever the stream was cut") {
  Counted stream(2, "one;two;rest");
  BufReader reader(stream);
  std::string out = "> ";
  CHECK(now(read_until(reader, ';', out)) == 4);
  CHECK(out == "> one;");
  CHECK(now(read_until(reader, ';', out)) == 4);
  CHECK(now(read_until(reader, ';', out)) == 4);
  CHECK(out == "> one;two;rest");
  CHECK(now(read_until(reader, ';', out)) == 0);
}

TEST_CASE("read_until that is given up keeps what came, and goes on from there") {
  MockStream stream;
  stream.will_read("on").will_expect("go").will_read("e;two");
  BufReader reader(stream);
  std::string out;
  auto reading = by_hand(read_until(reader, ';', out));
  CHECK(reading.poll().is_pending());
  reading.cancel();
  CHECK(out == "on");
  CHECK(now(stream.write(as_bytes("go"))) == 2);
  CHECK(now(read_until(reader, ';', out)) == 2);
  CHECK(out == "one;");
  CHECK(as_text(reader.buffer()) == "two");
}

TEST_CASE("read_until gives the stream's error, and what came before is there") {
  MockStream stream;
  stream.will_read("on").will_read_error(reset_by_peer());
  BufReader reader(stream);
  std::string out;
  CHECK(now(read_line(reader, out)).error() == reset_by_peer());
  CHECK(out == "on");
}

TEST_CASE("lines come without their ends, and the last one may have none") {
  MockStream stream;
  stream.will_read("a\r").will_read("\nb\n").will_read("\nc\r\r\nlast\r");
  auto all = lines(BufReader(stream));
  for (const std::string_view expected : {"a", "b", "", "c\r", "last\r"}) {
    CHECK(now(all.next_line()).value() == expected);
  }
  CHECK(now(all.next_line()).value() == std::nullopt);
  CHECK(now(all.next_line()).value() == std::nullopt);
}

TEST_CASE("a stream that ends with the end of a line has no empty line after it") {
  auto all = lines(BufReader(Counted(100, "a\r\nb\n\n")));
  for (const std::string_view expected : {"a", "b", ""}) {
    CHECK(now(all.next_line()).value() == expected);
  }
  CHECK(now(all.next_line()).value() == std::nullopt);
}

TEST_CASE("a line that was given up half way comes whole the next time") {
  MockStream stream;
  stream.will_read("hel").will_expect("go").will_read("lo\nnext\n");
  auto all = lines(BufReader(stream));
  auto line = by_hand(all.next_line());
  CHECK(line.poll().is_pending());
  line.cancel();
  CHECK(now(stream.write(as_bytes("go"))) == 2);
  CHECK(now(all.next_line()).value() == "hello");
  CHECK(now(all.next_line()).value() == "next");
}

TEST_CASE("an error in the middle of a line is given, and the line goes on after it") {
  MockStream stream;
  stream.will_read("hel").will_read_error(reset_by_peer()).will_read("lo\n");
  BufReader reader(stream);
  auto all = lines(reader);
  CHECK(now(all.next_line()).error() == reset_by_peer());
  CHECK(now(all.next_line()).value() == "hello");
}
