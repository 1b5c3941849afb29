// Reading exactly, to the end, a part, and one stream after the other.
#include "streams.hpp"

using nara::io::chain;
using nara::io::read_exact;
using nara::io::read_to_end;
using nara::io::read_to_string;
using nara::io::take;

namespace {

using Room = std::array<std::byte, 5>;

std::string_view text(const Room& room) { return as_text(room); }

}  // namespace

TEST_CASE("a read asks the stream once, and gives what there is") {
  Counted stream(3, "hello");
  Room room{};
  CHECK(now(stream.read(room)) == 3);
  CHECK(stream.reads == 1);
}

TEST_CASE("read_exact fills all of it, from as many pieces as it takes") {
  Counted stream(2, "hello world");
  Room room{};
  CHECK(now(read_exact(stream, room)).has_value());
  CHECK(text(room) == "hello");
  CHECK(stream.reads == 3);
}

TEST_CASE("read_exact of nothing does not ask the stream") {
  Counted stream(2, "hello");
  CHECK(now(read_exact(stream, {})).has_value());
  CHECK(stream.reads == 0);
}

TEST_CASE("read_exact gives kUnexpectedEof when the stream ends too early") {
  Counted stream(8, "hell");
  Room room{};
  const auto result = now(read_exact(stream, room));
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error() == Errc::kUnexpectedEof);
  CHECK(result.error().message() == "the stream has ended too early");
}

TEST_CASE("read_exact gives the error of the stream") {
  MockStream stream;
  stream.will_read("he").will_read_error(reset_by_peer());
  Room room{};
  CHECK(now(read_exact(stream, room)).error() == reset_by_peer());
}

TEST_CASE("read_exact that is given up has read what it had, and no more") {
  MockStream stream;
  stream.will_read("he").will_expect("go on").will_read("llo");
  Room room{};
  auto reading = by_hand(read_exact(stream, room));
  CHECK(reading.poll().is_pending());
  reading.cancel();
  CHECK(text(room).substr(0, 2) == "he");
  CHECK(now(stream.write(as_bytes("go on"))) == 5);
  CHECK(now(read_exact(stream, std::span(room).subspan(2))).has_value());
  CHECK(text(room) == "hello");
}

TEST_CASE("read_to_end and read_to_string append, and give how many bytes came") {
  Counted bytes_stream(4, "hello world");
  std::vector<std::byte> bytes{std::byte{'!'}};
  CHECK(now(read_to_end(bytes_stream, bytes)) == 11);
  CHECK(as_text(bytes) == "!hello world");
  Counted text_stream(4, "hello world");
  std::string text = "say: ";
  CHECK(now(read_to_string(text_stream, text)) == 11);
  CHECK(text == "say: hello world");
}

TEST_CASE("read_to_end of a stream that has ended gives 0, and changes nothing") {
  Counted stream(4);
  std::string text = "as it was";
  CHECK(now(read_to_string(stream, text)) == 0);
  CHECK(text == "as it was");
}

TEST_CASE("what came before an error is there, and so is what came before it was given up") {
  std::string text;
  MockStream broken;
  broken.will_read("he").will_read_error(reset_by_peer());
  CHECK(now(read_to_string(broken, text)).error() == reset_by_peer());
  CHECK(text == "he");
  MockStream slow;
  slow.will_read("llo").will_expect("x").will_read("!");
  auto reading = by_hand(read_to_string(slow, text));
  CHECK(reading.poll().is_pending());
  reading.cancel();
  CHECK(text == "hello");
  CHECK(now(slow.write(as_bytes("x"))) == 1);
  CHECK(now(read_to_string(slow, text)) == 1);
  CHECK(text == "hello!");
}

TEST_CASE("take ends after so many bytes, and the rest stays in the stream") {
  Counted stream(8, "hello world");
  auto first = take(stream, 7);
  std::string text;
  CHECK(now(read_to_string(first, text)) == 7);
  CHECK(text == "hello w");
  CHECK(first.limit() == 0);
  CHECK(now(read_to_string(stream, text)) == 4);
  CHECK(text == "hello world");
}

TEST_CASE(
    "take does not ask the stream when nothing may come any more, until the limit is raised") {
  Counted stream(8, "hello");
  auto first = take(stream, 2);
  Room room{};
  CHECK(now(first.read(room)) == 2);
  CHECK(now(first.read(room)) == 0);
  CHECK(stream.reads == 1);
  first.set_limit(1);
  CHECK(now(first.read(room)) == 1);
  CHECK(room[0] == std::byte{'l'});
}

TEST_CASE("take counts no byte that it was not given") {
  MockStream stream;
  stream.will_read_error(reset_by_peer()).will_read("abc");
  auto first = take(stream, 2);
  Room room{};
  CHECK(now(first.read(room)).error() == reset_by_peer());
  CHECK(first.limit() == 2);
  CHECK(now(first.read(room)) == 2);
  CHECK(now(stream.read(room)) == 1);
}

TEST_CASE("take keeps a stream that it was given, and gives it back") {
  auto first = take(Counted(8, "hello"), 2);
  Room room{};
  CHECK(now(first.read(room)) == 2);
  CHECK(first.get_inner().reads == 1);
  Counted stream = std::move(first).into_inner();
  CHECK(now(stream.read(room)) == 3);
}

TEST_CASE("chain reads the first to its end, and then the second") {
  Counted first(2, "abc");
  Counted second(2, "def");
  auto both = chain(first, second);
  std::string text;
  CHECK(now(read_to_string(both, text)) == 6);
  CHECK(text == "abcdef");
  step("the first is not asked again");
  CHECK(first.reads == 3);
}

TEST_CASE("chain does not take a read without room for the end of the first") {
  auto both = chain(Counted(2, "a"), Counted(2, "b"));
  CHECK(now(both.read({})) == 0);
  std::string text;
  CHECK(now(read_to_string(both, text)) == 2);
  CHECK(text == "ab");
}

TEST_CASE("an error of the first is not its end") {
  MockStream first;
  first.will_read_error(reset_by_peer()).will_read("a");
  auto both = chain(first, Counted(2, "b"));
  std::string text;
  CHECK(now(read_to_string(both, text)).error() == reset_by_peer());
  CHECK(now(read_to_string(both, text)) == 2);
  CHECK(text == "ab");
}

TEST_CASE("empty has ended, and takes all") {
  auto nothing = nara::io::empty();
  Room room{};
  CHECK(now(nothing.read(room)) == 0);
  CHECK(now(nara::io::write_all(nothing, "gone")).has_value());
  CHECK(now(nothing.flush()).has_value());
  CHECK(now(nothing.shutdown()).has_value());
}

TEST_CASE("repeat gives one byte for ever") {
  auto a = nara::io::repeat(std::byte{'a'});
  Room room{};
  CHECK(now(read_exact(a, room)).has_value());
  CHECK(text(room) == "aaaaa");
  auto some = take(nara::io::repeat(std::byte{'b'}), 7);
  std::string text;
  CHECK(now(read_to_string(some, text)) == 7);
  CHECK(text == "bbbbbbb");
}
