// From one stream to another.
#include <nara/io/copy.hpp>
#include <nara/spawn.hpp>

#include "streams.hpp"

using nara::io::Copied;
using nara::io::copy;
using nara::io::copy_bidirectional;
using nara::io::read_to_string;
using nara::io::write_all;

TEST_CASE("copy gives all that was read to the writer, and flushes it") {
  Counted from(5, "hello world");
  Counted to(4);
  CHECK(now(copy(from, to)) == 11);
  CHECK(to.written == "hello world");
  CHECK(to.flushes == 1);
  CHECK_FALSE(to.is_shut_down);
}

TEST_CASE("copy flushes when there is nothing to read for now") {
  MockStream from;
  from.will_read("ab").will_expect("go").will_read("cd");
  Counted inner(100);
  nara::io::BufWriter to(inner);
  auto copying = by_hand(copy(from, to));
  CHECK(copying.poll().is_pending());
  CHECK(inner.written == "ab");
  CHECK(now(from.write(as_bytes("go"))) == 2);
  CHECK(copying.is_woken());
  CHECK(copying.poll().value() == 4);
  CHECK(inner.written == "abcd");
}

TEST_CASE("copy does not flush again and again while nothing comes") {
  MockStream from;
  from.will_expect("go").will_read("cd");
  Counted to(100);
  auto copying = by_hand(copy(from, to));
  for (int poll = 0; poll < 3; ++poll) CHECK(copying.poll().is_pending());
  CHECK(to.flushes <= 1);
  CHECK(now(from.write(as_bytes("go"))) == 2);
  CHECK(copying.poll().value() == 2);
}

TEST_CASE("copy ends with the first error, of the reader and of the writer") {
  MockStream from;
  from.will_read("ab").will_read_error(reset_by_peer());
  Counted to(100);
  CHECK(now(copy(from, to)).error() == reset_by_peer());
  CHECK(to.written == "ab");
  Counted full(0);
  Counted source(100, "abc");
  CHECK(now(copy(source, full)).error() == Errc::kWriteZero);
}

TEST_CASE("copy_bidirectional gives how many bytes went each way") {
  auto [client, near] = duplex(64);
  auto [far, server] = duplex(64);
  CHECK(now(write_all(client, "ping")).has_value());
  CHECK(now(write_all(server, "good morning")).has_value());
  CHECK(now(client.shutdown()).has_value());
  CHECK(now(server.shutdown()).has_value());
  CHECK(now(copy_bidirectional(near, far)).value() == Copied{4, 12});
  std::string text;
  CHECK(now(read_to_string(server, text)) == 4);
  CHECK(now(read_to_string(client, text)) == 12);
  CHECK(text == "pinggood morning");
}

TEST_CASE("what ends on one side ends on the other, whose direction goes on") {
  auto [client, near] = duplex(64);
  auto [far, server] = duplex(64);
  auto copying = by_hand(copy_bidirectional(near, far));
  CHECK(now(client.shutdown()).has_value());
  CHECK(copying.poll().is_pending());
  std::string text;
  step("the server sees the end of the client");
  CHECK(now(read_to_string(server, text)) == 0);
  step("and still sends");
  CHECK(now(write_all(server, "late")).has_value());
  CHECK(now(server.shutdown()).has_value());
  CHECK(copying.is_woken());
  CHECK(copying.poll().value().value() == Copied{0, 4});
  CHECK(now(read_to_string(client, text)) == 4);
  CHECK(text == "late");
}

TEST_CASE("an error in either direction ends both at once") {
  for (const bool is_first : {true, false}) {
    step(is_first ? "of the first" : "of the second");
    auto [one, other] = duplex(64);
    MockStream broken;
    broken.will_read_error(reset_by_peer());
    const auto copied =
        is_first ? now(copy_bidirectional(broken, one)) : now(copy_bidirectional(one, broken));
    CHECK(copied.error() == reset_by_peer());
  }
}

TEST_CASE("an error of a write ends both directions at once") {
  auto [one, other] = duplex(64);
  CHECK(now(write_all(other, "hello")).has_value());
  MockStream broken;
  broken.will_write_error(reset_by_peer());
  auto copying = by_hand(copy_bidirectional(one, broken));
  CHECK(copying.poll().value().error() == reset_by_peer());
}

TEST_CASE("a megabyte goes through a small pipe in both directions") {
  run([]() -> Async<> {
    const std::string text(1 << 20, 'x');
    auto [client, near] = duplex(1000);
    auto [far, server] = duplex(777);
    auto send = [](DuplexStream& stream, const std::string& all) -> Async<> {
      (void)co_await write_all(stream, all);
      (void)co_await stream.shutdown();
    };
    auto receive = [](DuplexStream& stream) -> Async<std::size_t> {
      std::string got;
      const auto size = co_await read_to_string(stream, got);
      co_return size.value();
    };
    auto sends = nara::spawn(send(client, text));
    auto answers = nara::spawn(send(server, text));
    auto hears = nara::spawn(receive(server));
    auto proxy = nara::spawn(copy_bidirectional(near, far));
    const auto back = co_await receive(client);
    CHECK(back == text.size());
    const auto there = co_await hears;
    CHECK(there.value() == text.size());
    const auto copied = co_await proxy;
    CHECK(copied.value().value() == Copied{text.size(), text.size()});
    (void)co_await sends;
    (void)co_await answers;
  });
}
