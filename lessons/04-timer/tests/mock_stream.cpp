// A stream that follows a script, on a clock that stands still.
#include <doctest/doctest.h>

#include <array>
#include <nara/async.hpp>
#include <nara/spawn.hpp>
#include <nara/time/pause.hpp>
#include <string>
#include <string_view>
#include <testkit/by_hand.hpp>
#include <testkit/mock_stream.hpp>
#include <testkit/runtime.hpp>

using namespace std::chrono_literals;

using nara::Async;
using nara::test::by_hand;
using nara::test::MockStream;
using nara::test::run_paused;
using nara::time::now;

namespace {

using Room = std::array<std::byte, 4>;

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string_view text(const Room& room, std::size_t size) {
  return {reinterpret_cast<const char*>(room.data()), size};
}

}  // namespace

TEST_CASE("a scripted stream gives what the script says, piece by piece, and then its end") {
  MockStream stream;
  stream.will_read("hello");
  Room room{};
  CHECK(by_hand(stream.read(room)).poll().value() == 4);
  CHECK(text(room, 4) == "hell");
  CHECK(by_hand(stream.read(room)).poll().value() == 1);
  CHECK(text(room, 1) == "o");
  CHECK(by_hand(stream.read(room)).poll().value() == 0);
}

TEST_CASE("a scripted stream takes what it expects, in pieces, and lets the reader wait for it") {
  MockStream stream;
  stream.will_expect("abc").will_read("ok");
  Room room{};
  auto read = by_hand(stream.read(room));
  CHECK(read.poll().is_pending());
  CHECK(by_hand(stream.write(bytes("ab"))).poll().value() == 2);
  CHECK_FALSE(read.is_woken());
  CHECK(by_hand(stream.write(bytes("c"))).poll().value() == 1);
  CHECK(read.is_woken());
  CHECK(read.poll().value() == 2);
}

TEST_CASE("a scripted stream fails a read, and a write, once") {
  MockStream stream;
  const std::error_code reset = std::make_error_code(std::errc::connection_reset);
  stream.will_read_error(reset).will_write_error(reset).will_read("still here");
  Room room{};
  CHECK(by_hand(stream.read(room)).poll().value().error() == reset);
  CHECK(by_hand(stream.write(bytes("x"))).poll().value().error() == reset);
  while (by_hand(stream.read(room)).poll().value() != 0) {
  }
}

TEST_CASE("a scripted stream lets time go by") {
  run_paused([]() -> Async<> {
    MockStream stream;
    stream.will_wait(2s).will_read("late").will_wait(1s).will_expect("later");
    Room room{};
    const auto start = now();
    const auto size = co_await stream.read(room);
    CHECK(size == 4);
    CHECK(now() - start == 2s);
    const auto written = co_await stream.write(bytes("later"));
    CHECK(written == 5);
    CHECK(now() - start == 3s);
  });
}
