// Any stream in two halves.
#include <nara/io/split.hpp>
#include <nara/misuse.hpp>
#include <testkit/worker.hpp>

#include "streams.hpp"

using nara::Misuse;
using nara::io::read_to_string;
using nara::io::split;
using nara::io::write_all;

namespace {

Async<std::size_t> read_all(nara::io::ReadHalf<DuplexStream> reader) {
  std::string text;
  const auto size = co_await read_to_string(reader, text);
  co_return size.value();
}

}  // namespace

TEST_CASE("the halves of a stream read and write it") {
  auto [stream, other] = duplex(64);
  auto [reader, writer] = split(std::move(stream));
  CHECK(now(write_all(writer, "ping")).has_value());
  CHECK(now(writer.flush()).has_value());
  CHECK(now(write_all(other, "pong")).has_value());
  CHECK(now(other.shutdown()).has_value());
  std::string text;
  CHECK(now(read_to_string(reader, text)) == 4);
  CHECK(text == "pong");
  CHECK(now(writer.shutdown()).has_value());
  CHECK(now(read_to_string(other, text)) == 4);
  CHECK(text == "pongping");
}

TEST_CASE("one half may wait while the other is used") {
  auto [stream, other] = duplex(64);
  auto [reader, writer] = split(std::move(stream));
  std::array<std::byte, 8> room{};
  auto reading = by_hand(reader.read(room));
  CHECK(reading.poll().is_pending());
  CHECK(now(write_all(writer, "ping")).has_value());
  CHECK(now(write_all(other, "pong")).has_value());
  CHECK(reading.is_woken());
  CHECK(reading.poll().value() == 4);
}

TEST_CASE("both halves give the stream back, and those of two streams do not") {
  auto [one, other] = duplex(64);
  auto [reader, writer] = split(std::move(one));
  auto [foreign_reader, foreign_writer] = split(std::move(other));
  CHECK(reader.is_pair_of(writer));
  CHECK(writer.is_pair_of(reader));
  CHECK_FALSE(reader.is_pair_of(foreign_writer));
  CHECK_FALSE(foreign_writer.is_pair_of(reader));
  CHECK_THROWS_WITH_AS((void)std::move(reader).unsplit(std::move(foreign_writer)),
                       "unsplit() was given a half of another stream: ask is_pair_of() before",
                       Misuse);
  // NOLINTNEXTLINE(bugprone-use-after-move): it threw, and nothing was moved.
  auto again = std::move(reader).unsplit(std::move(writer));
  CHECK(now(write_all(again, "whole")).has_value());
  std::array<std::byte, 8> room{};
  CHECK(now(foreign_reader.read(room)) == 5);
}

TEST_CASE("a half that was moved from is a misuse") {
  auto [one, other] = duplex(64);
  auto [reader, writer] = split(std::move(one));
  const auto kept = std::move(reader);
  // NOLINTBEGIN(bugprone-use-after-move): that is what this is about.
  CHECK_THROWS_WITH_AS(
      (void)reader.read({}),
      "a half of a stream was used that was moved from: use the one it was moved to", Misuse);
  // NOLINTEND(bugprone-use-after-move)
}

TEST_CASE("a half that goes does nothing to the stream") {
  auto [stream, other] = duplex(64);
  auto [reader, writer] = split(std::move(stream));
  {
    const auto gone = std::move(writer);
  }
  std::array<std::byte, 8> room{};
  CHECK(by_hand(other.read(room)).poll().is_pending());
  {
    const auto gone = std::move(reader);
  }
  CHECK(now(other.read(room)) == 0);
}

TEST_CASE("a stream lives until what is awaited of its halves is gone") {
  auto [stream, other] = duplex(64);
  std::array<std::byte, 8> room{};
  auto reading = by_hand([&, whole = std::move(stream)]() mutable {
    auto [reader, writer] = split(std::move(whole));
    return reader.read(room);
  }());
  CHECK(reading.poll().is_pending());
  CHECK(now(write_all(other, "still")).has_value());
  CHECK(reading.poll().value() == 5);
  reading.cancel();
  CHECK(now(other.read(room)) == 0);
}

TEST_CASE("a task that waits at a half says what the stream waits for") {
  auto [stream, other] = duplex(64);
  auto [reader, writer] = split(std::move(stream));
  auto reading = by_hand(reader.read({}));
  nara::Trace trace;
  nara::detail::describe(reading.future(), trace);
  CHECK(trace.waits_for == "DuplexStream::read()");
}

TEST_CASE("halves on two threads share their stream") {
  run([]() -> Async<> {
    auto [stream, other] = duplex(7);
    auto [reader, writer] = split(std::move(stream));
    const std::string text(10'000, 'x');
    nara::test::Worker worker;
    auto reading = worker.executor().spawn(read_all, std::move(reader));
    auto [far_reader, far_writer] = split(std::move(other));
    auto far_reading = worker.executor().spawn(read_all, std::move(far_reader));
    auto writing = nara::spawn(
        [](auto half, std::string all) -> Async<> {
          (void)co_await write_all(half, all);
          (void)co_await half.shutdown();
        },
        std::move(writer), text);
    (void)co_await write_all(far_writer, text);
    (void)co_await far_writer.shutdown();
    (void)co_await writing;
    const auto here = co_await reading;
    CHECK(here.value() == text.size());
    const auto there = co_await far_reading;
    CHECK(there.value() == text.size());
  });
}
