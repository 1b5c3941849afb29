// The tests of 03-1: real pipes, and a reactor that the test turns. At the end, two tasks.
#include <doctest/doctest.h>
#include <fcntl.h>

#include <array>
#include <memory>
#include <nara/async.hpp>
#include <nara/io/stream.hpp>
#include <nara/spawn.hpp>
#include <optional>
#include <pipe_reader.hpp>
#include <span>
#include <string>
#include <system_error>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <testkit/turned.hpp>
#include <utility>

using nara::Async;
using nara::OwnedFd;
using nara::io::Result;
using nara::test::by_hand;
using nara::test::is_non_blocking;
using nara::test::Pipe;
using nara::test::run_with_drivers;
using nara::test::step;
using nara::test::Turned;

namespace {

/// What `adopt()` makes of it. The test ends here if a read would keep the thread.
Source adopted(OwnedFd descriptor) {
  Result<Source> source = adopt(std::move(descriptor));
  REQUIRE(source.has_value());
  REQUIRE(is_non_blocking(source->fd()));
  return *std::move(source);
}

/// What a future says that has to be ready now, without an error.
template <class Waits>
auto ready_value(Waits& waits) {
  auto answer = waits.poll();
  REQUIRE(answer.is_ready());
  auto result = answer.value();
  REQUIRE(result.has_value());
  return *result;
}

/// Why it failed. It has to be over now.
template <class Waits>
std::error_code error_of(Waits& waits) {
  auto answer = waits.poll();
  REQUIRE(answer.is_ready());
  auto result = answer.value();
  REQUIRE_FALSE(result.has_value());
  return result.error();
}

std::span<std::byte> first(std::array<std::byte, 100>& buffer, std::size_t size) {
  return std::span(buffer).first(size);
}

}  // namespace

// What keeps the thread is ended sooner than other tests.
TEST_SUITE_BEGIN("03-1" * doctest::timeout(3));

TEST_CASE("03-1 Pipe reader: adopt makes it non-blocking and registers it, or says why not") {
  const Turned runtime;
  Pipe pipe;
  step("adopt the end of a pipe");
  const int number = pipe.reader.fd();
  const Result<Source> source = adopt(std::move(pipe.reader));
  REQUIRE(source.has_value());
  CHECK(source->fd() == number);
  step("reading it does not keep the thread any more");
  CHECK(is_non_blocking(source->fd()));
  step("adopt /dev/null, which nobody can wait for: EPERM");
  const Result<Source> null = adopt(OwnedFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)));
  REQUIRE_FALSE(null.has_value());
  CHECK(null.error() == std::errc::operation_not_permitted);
  step("adopt what is no descriptor: EBADF");
  const Result<Source> none = adopt(OwnedFd());
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error() == std::errc::bad_file_descriptor);
}

TEST_CASE("03-1 Pipe reader: read_some waits until there is something") {
  Turned runtime;
  Pipe pipe;
  const Source source = adopted(std::move(pipe.reader));
  std::array<std::byte, 100> buffer;
  auto read = by_hand(read_some(source, first(buffer, 100)));
  step("poll it, and turn the reactor: pending, and not woken");
  REQUIRE(read.poll().is_pending());
  runtime.turn();
  REQUIRE_FALSE(read.is_woken());
  step("write 5 bytes, and turn: woken; poll: ready with 5");
  pipe.put("hello");
  runtime.turn();
  REQUIRE(read.is_woken());
  CHECK(ready_value(read) == 5);
}

TEST_CASE("03-1 Pipe reader: what did not fit is read without waiting") {
  Turned runtime;
  Pipe pipe;
  const Source source = adopted(std::move(pipe.reader));
  std::array<std::byte, 100> buffer;
  step("write 6 bytes, and turn; read at most 4: ready with 4");
  pipe.put("abcdef");
  runtime.turn();
  auto four = by_hand(read_some(source, first(buffer, 4)));
  CHECK(ready_value(four) == 4);
  step("read at most 4 again: ready with 2; there was no second event, and none will come");
  auto two = by_hand(read_some(source, first(buffer, 4)));
  CHECK(ready_value(two) == 2);
}

TEST_CASE("03-1 Pipe reader: when it is empty after all, read_some waits on, and sleeps") {
  Turned runtime;
  Pipe pipe;
  const Source source = adopted(std::move(pipe.reader));
  std::array<std::byte, 100> buffer;
  step("write 4 bytes, and turn; read at most 4: ready with 4");
  pipe.put("abcd");
  runtime.turn();
  auto four = by_hand(read_some(source, first(buffer, 4)));
  CHECK(ready_value(four) == 4);
  step("read again: nothing says yet that the pipe is empty; read(2) does: pending");
  auto read = by_hand(read_some(source, first(buffer, 4)));
  REQUIRE(read.poll().is_pending());
  step("it sleeps: not woken, neither at once nor by a turn");
  REQUIRE_FALSE(read.is_woken());
  runtime.turn();
  REQUIRE_FALSE(read.is_woken());
  step("write 2 bytes, and turn: woken; poll: ready with 2");
  pipe.put("ef");
  runtime.turn();
  REQUIRE(read.is_woken());
  CHECK(ready_value(read) == 2);
}

TEST_CASE("03-1 Pipe reader: its end is 0 bytes, again and again") {
  Turned runtime;
  Pipe pipe;
  const Source source = adopted(std::move(pipe.reader));
  std::array<std::byte, 100> buffer;
  auto read = by_hand(read_some(source, first(buffer, 100)));
  step("poll it: pending; close the other end, and turn: woken; poll: ready with 0");
  REQUIRE(read.poll().is_pending());
  pipe.close_writer();
  runtime.turn();
  REQUIRE(read.is_woken());
  CHECK(ready_value(read) == 0);
  step("read once more: ready with 0");
  auto again = by_hand(read_some(source, first(buffer, 100)));
  CHECK(ready_value(again) == 0);
}

TEST_CASE("03-1 Pipe reader: what goes wrong comes out as an error") {
  auto runtime = std::make_unique<Turned>();
  Pipe pipe;
  Pipe other;
  std::array<std::byte, 100> buffer;
  step("adopt the end that is written, close the other one, and read: EBADF");
  const Source wrong_end = adopted(std::move(other.writer));
  {
    const OwnedFd closed = std::move(other.reader);
  }
  runtime->turn();
  auto wrong = by_hand(read_some(wrong_end, first(buffer, 100)));
  CHECK(error_of(wrong) == std::errc::bad_file_descriptor);
  step("wait for a pipe, and destroy the runtime: woken; poll: ready with kShutdown");
  const Source source = adopted(std::move(pipe.reader));
  auto read = by_hand(read_some(source, first(buffer, 100)));
  REQUIRE(read.poll().is_pending());
  runtime.reset();
  REQUIRE(read.is_woken());
  CHECK(error_of(read) == nara::io::Errc::kShutdown);
}

TEST_CASE("03-1 Pipe reader: lines come out one by one, however they were written") {
  Turned runtime;
  Pipe pipe;
  const Source source = adopted(std::move(pipe.reader));
  Lines lines(source);
  step("write two lines and a half, and turn; ask twice: ready with the one, and with the other");
  pipe.put("one\n\nthr");
  runtime.turn();
  auto one = by_hand(lines.next());
  CHECK(ready_value(one) == "one");
  auto two = by_hand(lines.next());
  CHECK(ready_value(two) == "");
  step("ask again: pending; write the other half, and turn: woken; poll: ready with the third");
  auto three = by_hand(lines.next());
  REQUIRE(three.poll().is_pending());
  pipe.put("ee\n");
  runtime.turn();
  REQUIRE(three.is_woken());
  CHECK(ready_value(three) == "three");
  step("write a line that is longer than any buffer: ready with all of it");
  const std::string length(1000, 'x');
  pipe.put(length + "\n");
  runtime.turn();
  auto four = by_hand(lines.next());
  CHECK(ready_value(four) == length);
}

TEST_CASE("03-1 Pipe reader: at the end comes what is left, and then nothing") {
  Turned runtime;
  Pipe pipe;
  const Source source = adopted(std::move(pipe.reader));
  Lines lines(source);
  step("write a line and a half, close, and turn; ask: the line, the half, nothing, nothing");
  pipe.put("one\ntw");
  pipe.close_writer();
  runtime.turn();
  for (const Lines::Line& expected : {Lines::Line("one"), Lines::Line("tw"), Lines::Line(), {}}) {
    auto line = by_hand(lines.next());
    CHECK(ready_value(line) == expected);
  }
}

TEST_CASE("03-1 Pipe reader: a wait for a line that is given up loses nothing") {
  Turned runtime;
  Pipe pipe;
  const Source source = adopted(std::move(pipe.reader));
  Lines lines(source);
  step("write half a line, and turn; ask: pending; destroy what was asked");
  pipe.put("ab");
  runtime.turn();
  auto given_up = by_hand(lines.next());
  REQUIRE(given_up.poll().is_pending());
  given_up.cancel();
  CHECK(given_up.wakers_out() == 0);
  step("write the other half, and turn; ask: ready with the whole line");
  pipe.put("c\n");
  runtime.turn();
  auto line = by_hand(lines.next());
  CHECK(ready_value(line) == "abc");
}

TEST_CASE("03-1 Pipe reader: ten thousand lines go from one task to another") {
  run_with_drivers([]() -> Async<> {
    static constexpr int kLines = 10'000;
    Pipe pipe;
    const Source source = adopted(std::move(pipe.reader));
    const auto write_all = [](OwnedFd end) -> Async<> {
      REQUIRE(nara::sys::set_nonblocking(end.fd()).has_value());
      const Source writer = Source::try_new(std::move(end), nara::io::Interest::kWritable).value();
      std::string text;
      for (int line = 0; line < kLines; ++line) text += std::to_string(line) + "\n";
      std::span<const std::byte> left = std::as_bytes(std::span(text));
      while (!left.empty()) {
        const nara::io::WriteStream write(left);
        const auto size = co_await writer.async_io(nara::io::Interest::kWritable, write);
        left = left.subspan(size.value());
      }
    };
    step("one task writes ", kLines, " lines, more than fit into a pipe, and closes it");
    const auto writer = nara::spawn(write_all, std::move(pipe.writer));
    step("this one reads them all, and then the end");
    Lines lines(source);
    for (int number = 0; number < kLines; ++number) {
      const Result<Lines::Line> line = co_await lines.next();
      REQUIRE(line.has_value());
      REQUIRE(*line == std::to_string(number));
    }
    const Result<Lines::Line> end = co_await lines.next();
    CHECK(end.value() == Lines::Line());
  });
}

TEST_SUITE_END();
