// AsyncFd: descriptors that are awaited, guards of their readiness, and operations on them.
#include <doctest/doctest.h>

#include <array>
#include <cerrno>
#include <memory>
#include <nara/async_fd.hpp>
#include <nara/io/stream.hpp>
#include <nara/misuse.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <testkit/by_hand.hpp>
#include <utility>

#include "descriptors.hpp"

using nara::OwnedFd;
using nara::io::Interest;
using nara::io::ReadStream;
using nara::io::Ready;
using nara::io::Result;
using nara::io::WriteStream;
using nara::test::by_hand;
using nara::test::step;

namespace {

using Buffer = std::array<std::byte, 100>;

Result<int> again() { return std::unexpected(std::error_code(EAGAIN, std::system_category())); }

/// What there is to read is there, and the driver has said so.
void deliver(Turned& turned, const OwnedFd& writer, std::string_view text = "x") {
  put(writer.fd(), text);
  CHECK(turned.turn());
}

}  // namespace

TEST_CASE("a fresh socket is writable at once, and not readable") {
  Turned turned;
  Sockets sockets;
  const auto source = wrap(std::move(sockets.one));
  CHECK(turned.turn());
  CHECK(by_hand(source.writable()).poll().value()->ready() == Ready::kWritable);
  auto readable = by_hand(source.readable());
  CHECK(readable.poll().is_pending());
  deliver(turned, sockets.other);
  CHECK(readable.is_woken());
  CHECK(readable.poll().value()->ready() == Ready::kReadable);
}

TEST_CASE(
    "a guard that is retained or dropped leaves the readiness, one that is cleared does not") {
  Turned turned;
  Pipe pipe;
  const auto source = wrap(std::move(pipe.reader));
  deliver(turned, pipe.writer);
  (void)by_hand(source.readable()).poll();
  by_hand(source.readable()).poll().value()->retain_ready();
  by_hand(source.readable()).poll().value()->clear_ready();
  auto readable = by_hand(source.readable());
  CHECK(readable.poll().is_pending());
  step("new data comes");
  deliver(turned, pipe.writer);
  CHECK(readable.poll().is_ready());
}

TEST_CASE("a guard clears only a part of the readiness, when it is asked to") {
  Turned turned;
  Sockets sockets;
  const auto source = wrap(std::move(sockets.one));
  deliver(turned, sockets.other);
  auto guard = by_hand(source.ready(Interest::kReadable | Interest::kWritable)).poll().value();
  CHECK(guard->ready() == (Ready::kReadable | Ready::kWritable));
  guard->clear_ready_matching(Ready::kReadable);
  CHECK(guard->ready() == Ready::kWritable);
  CHECK(by_hand(source.readable()).poll().is_pending());
  CHECK(by_hand(source.writable()).poll().is_ready());
  guard->clear_ready();
  CHECK(by_hand(source.writable()).poll().is_pending());
}

TEST_CASE("a guard clears nothing that has come since it was made") {
  Turned turned;
  Pipe pipe;
  const auto source = wrap(std::move(pipe.reader));
  deliver(turned, pipe.writer);
  auto guard = by_hand(source.readable()).poll().value();
  deliver(turned, pipe.writer);
  guard->clear_ready();
  CHECK(by_hand(source.readable()).poll().is_ready());
}

TEST_CASE("a guard tries an operation: EAGAIN clears the readiness, all else leaves it") {
  Turned turned;
  Pipe pipe;
  const auto source = wrap(std::move(pipe.reader));
  deliver(turned, pipe.writer);
  auto guard = by_hand(source.readable()).poll().value();
  step("the operation succeeds");
  CHECK(guard->try_io([](const OwnedFd&) { return Result<int>(7); }).value() == 7);
  CHECK(by_hand(source.readable()).poll().is_ready());
  step("the operation fails");
  const auto failed = guard->try_io([](const OwnedFd&) -> Result<int> {
    return std::unexpected(std::make_error_code(std::errc::io_error));
  });
  CHECK(failed->error() == std::errc::io_error);
  CHECK(by_hand(source.readable()).poll().is_ready());
  step("the operation would have to wait");
  CHECK_FALSE(guard->try_io([](const OwnedFd&) { return again(); }).has_value());
  CHECK(by_hand(source.readable()).poll().is_pending());
}

TEST_CASE("try_io does not call the operation while the descriptor is not ready") {
  Turned turned;
  Pipe pipe;
  const auto source = wrap(std::move(pipe.reader));
  int calls = 0;
  const auto count = [&](const OwnedFd&) -> Result<int> { return ++calls; };
  CHECK(nara::io::is_would_block(source.try_io(Interest::kReadable, count).error()));
  CHECK(calls == 0);
  deliver(turned, pipe.writer);
  CHECK(source.try_io(Interest::kReadable, count) == 1);
  step("the operation finds that it is not ready after all");
  const auto late = [](const OwnedFd&) { return again(); };
  CHECK(nara::io::is_would_block(source.try_io(Interest::kReadable, late).error()));
  CHECK(nara::io::is_would_block(source.try_io(Interest::kReadable, count).error()));
  CHECK(calls == 1);
}

TEST_CASE("an operation that hits EAGAIN waits on, and the user is not told") {
  Turned turned;
  Pipe pipe;
  const auto source = wrap(std::move(pipe.reader));
  Buffer buffer{};
  auto read = by_hand(source.async_io(Interest::kReadable, ReadStream(buffer)));
  CHECK(read.poll().is_pending());
  deliver(turned, pipe.writer);
  step("somebody else reads it first");
  CHECK(drain(source.fd()) == 1);
  CHECK(read.is_woken());
  CHECK(read.poll().is_pending());
  CHECK_FALSE(read.is_woken());
  deliver(turned, pipe.writer, "abc");
  CHECK(read.is_woken());
  CHECK(read.poll().value() == 3);
}

TEST_CASE("an operation gives what it fails with, and throws what it throws") {
  Turned turned;
  Pipe pipe;
  const auto source = wrap(std::move(pipe.writer));
  CHECK(turned.turn());
  auto failing = by_hand(source.async_io(Interest::kWritable, [](const OwnedFd&) -> Result<int> {
    return std::unexpected(std::make_error_code(std::errc::io_error));
  }));
  CHECK(failing.poll().value().error() == std::errc::io_error);
  auto throwing = by_hand(source.async_io(Interest::kWritable, [](const OwnedFd&) -> Result<int> {
    throw std::runtime_error("no luck");
  }));
  CHECK_THROWS_WITH_AS((void)throwing.poll(), "no luck", std::runtime_error);
  CHECK(by_hand(source.writable()).poll().is_ready());
}

TEST_CASE("the end of a stream can be read again and again") {
  Turned turned;
  Pipe pipe;
  const auto source = wrap(std::move(pipe.reader));
  Buffer buffer{};
  const auto read = [&] {
    return by_hand(source.async_io(Interest::kReadable, ReadStream(buffer))).poll().value();
  };
  deliver(turned, pipe.writer, "abc");
  close(std::move(pipe.writer));
  step("the driver does not know about the end yet");
  CHECK(drain(source.fd()) == 3);
  CHECK(read() == 0);
  CHECK(read() == 0);
  step("the driver knows");
  CHECK(turned.turn());
  CHECK(read() == 0);
  CHECK(read() == 0);
}

TEST_CASE("the last bytes of a stream are followed by its end, without another event") {
  Turned turned;
  Pipe pipe;
  const auto source = wrap(std::move(pipe.reader));
  Buffer buffer{};
  const auto read = [&] {
    return by_hand(source.async_io(Interest::kReadable, ReadStream(buffer))).poll().value();
  };
  put(pipe.writer.fd(), "abc");
  close(std::move(pipe.writer));
  CHECK(turned.turn());
  CHECK(read() == 3);
  CHECK(read() == 0);
}

TEST_CASE("writing to who is gone is EPIPE, also for who waits for room") {
  Turned turned;
  Sockets sockets;
  const auto source = wrap(std::move(sockets.one));
  (void)fill(source.fd());
  (void)turned.turn();
  auto write =
      by_hand(source.async_io(Interest::kWritable, WriteStream(std::as_bytes(std::span("hello")))));
  CHECK(write.poll().is_pending());
  close(std::move(sockets.other));
  CHECK(turned.turn());
  CHECK(write.poll().value().error() == std::errc::broken_pipe);
}

TEST_CASE("several may wait for the same descriptor, and each direction for itself") {
  Turned turned;
  Sockets sockets;
  const auto source = wrap(std::move(sockets.one));
  (void)fill(source.fd());
  CHECK_FALSE(turned.turn());
  auto first = by_hand(source.readable());
  auto second = by_hand(source.readable());
  auto writer = by_hand(source.writable());
  CHECK(first.poll().is_pending());
  CHECK(second.poll().is_pending());
  CHECK(writer.poll().is_pending());
  deliver(turned, sockets.other);
  CHECK(first.poll().is_ready());
  CHECK(second.poll().is_ready());
  CHECK(writer.poll().is_pending());
  CHECK(drain(sockets.other.fd()) > 0);
  CHECK(turned.turn());
  CHECK(writer.poll().is_ready());
}

TEST_CASE("what waits for a descriptor can be destroyed at any point, and nothing is lost") {
  Turned turned;
  Pipe pipe;
  const auto source = wrap(std::move(pipe.reader));
  Buffer buffer{};
  const auto make_read = [&] { return source.async_io(Interest::kReadable, ReadStream(buffer)); };
  const auto make_wait = [&] {
    (void)drain(source.fd());
    (void)source.try_io(Interest::kReadable, [](const OwnedFd&) { return again(); });
    return source.readable();
  };
  const auto go_on = [&](int) { deliver(turned, pipe.writer); };
  CHECK(nara::test::destroy_at_every_suspension(make_wait, go_on) == 1);
  (void)make_wait();
  step("two bytes come, and each is read by somebody, although others were cancelled");
  auto cancelled = by_hand(make_read());
  CHECK(cancelled.poll().is_pending());
  deliver(turned, pipe.writer, "ab");
  cancelled.cancel();
  CHECK(by_hand(make_read()).poll().value() == 2);
}

TEST_CASE("what waits says for which descriptor, and for what") {
  Turned turned;
  Pipe pipe;
  const auto source = wrap(std::move(pipe.reader));
  const std::string number = std::to_string(source.fd());
  const auto described = [](const auto& future) {
    nara::Trace trace;
    future.describe(trace);
    return trace.waits_for;
  };
  CHECK(described(source.readable()) == "AsyncFd readable, descriptor " + number);
  CHECK(described(source.writable()) == "AsyncFd writable, descriptor " + number);
  CHECK(described(source.ready(Interest::kPriority)) == "AsyncFd priority, descriptor " + number);
  Buffer buffer{};
  CHECK(described(source.async_io(Interest::kReadable, ReadStream(buffer))) ==
        "AsyncFd readable, descriptor " + number);
}
