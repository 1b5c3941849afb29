// Descriptors in a runtime: tasks that wait for them, beside each other, and beyond its end.
#include <doctest/doctest.h>

#include <array>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/current_thread.hpp>
#include <nara/io/stream.hpp>
#include <nara/runtime.hpp>
#include <nara/spawn.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <testkit/runtime.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "descriptors.hpp"

using nara::Async;
using nara::CurrentThread;
using nara::JoinHandle;
using nara::OwnedFd;
using nara::Runtime;
using nara::spawn;
using nara::io::Interest;
using nara::io::ReadStream;
using nara::io::Result;
using nara::io::WriteStream;
using nara::test::let_run;
using nara::test::run_with_drivers;
using nara::test::step;

namespace {

using Source = nara::AsyncFd<nara::OwnedFd>;

/// Reads once, and gives how much that was.
Async<Result<std::size_t>> read_once(const Source& source) {
  std::array<std::byte, 100> buffer{};
  const auto size = co_await source.async_io(Interest::kReadable, ReadStream(buffer));
  co_return size;
}

/// Writes so many bytes, however long that takes.
Async<> write_all(const Source& source, std::size_t size) {
  const std::vector<std::byte> bytes(size);
  std::span<const std::byte> rest = bytes;
  while (!rest.empty()) {
    const auto written = co_await source.async_io(Interest::kWritable, WriteStream(rest));
    rest = rest.subspan(written.value());
  }
}

/// Reads until there are so many bytes, or the end.
Async<std::size_t> read_all(const Source& source, std::size_t size) {
  std::size_t all = 0;
  while (all < size) {
    const Result<std::size_t> read = co_await read_once(source);
    if (read.value() == 0) break;
    all += *read;
  }
  co_return all;
}

}  // namespace

TEST_CASE("a task that waits for bytes sleeps until another task writes them") {
  run_with_drivers([]() -> Async<> {
    Pipe pipe;
    const Source reader = wrap(std::move(pipe.reader));
    const Source writer = wrap(std::move(pipe.writer));
    JoinHandle<Result<std::size_t>> task = spawn(read_once(reader));
    co_await let_run(3);
    CHECK_FALSE(task.is_finished());
    co_await write_all(writer, 3);
    const auto size = co_await task;
    CHECK(*size == 3);
  });
}

TEST_CASE("more than fits into a pipe goes through it, in turns") {
  run_with_drivers([]() -> Async<> {
    constexpr std::size_t kSize = 1'000'000;
    Sockets sockets;
    const Source one = wrap(std::move(sockets.one));
    const Source other = wrap(std::move(sockets.other));
    step("both write and read at the same time");
    JoinHandle<void> first = spawn(write_all(one, kSize));
    JoinHandle<void> second = spawn(write_all(other, kSize));
    JoinHandle<std::size_t> third = spawn(read_all(one, kSize));
    const std::size_t read = co_await read_all(other, kSize);
    CHECK(read == kSize);
    const auto also = co_await third;
    CHECK(also == kSize);
    (void)co_await first;
    (void)co_await second;
  });
}

TEST_CASE("a task that never has to wait for its descriptor lets the others run") {
  run_with_drivers([]() -> Async<> {
    Pipe pipe;
    const Source writer = wrap(std::move(pipe.writer));
    (void)co_await writer.writable();
    bool is_over = false;
    int rounds = 0;
    JoinHandle<void> busy = spawn([&]() -> Async<> {
      while (!is_over) {
        (void)co_await writer.writable();
        ++rounds;
      }
    });
    co_await let_run(10);
    is_over = true;
    (void)co_await busy;
    CHECK(rounds >= 10 * (nara::Context::kBudget - 1));
    CHECK(rounds <= 12 * nara::Context::kBudget);
  });
}

TEST_CASE("a task that is aborted while it waits leaves the descriptor to the next") {
  run_with_drivers([]() -> Async<> {
    Pipe pipe;
    const Source reader = wrap(std::move(pipe.reader));
    JoinHandle<Result<std::size_t>> aborted = spawn(read_once(reader));
    JoinHandle<Result<std::size_t>> next = spawn(read_once(reader));
    co_await let_run();
    aborted.abort();
    put(pipe.writer.fd(), "abc");
    const auto size = co_await next;
    CHECK(*size == 3);
    const auto nothing = co_await aborted;
    CHECK(nothing.error().is_cancelled());
  });
}

TEST_CASE("a task wakes for bytes that another thread writes") {
  run_with_drivers([]() -> Async<> {
    Pipe pipe;
    const Source reader = wrap(std::move(pipe.reader));
    const std::jthread other([&] { put(pipe.writer.fd(), "abc"); });
    const Result<std::size_t> size = co_await read_once(reader);
    CHECK(size == 3);
  });
}

TEST_CASE("a descriptor can be awaited on another runtime, while its own one runs") {
  Runtime owner = Runtime::create().value();
  Pipe pipe;
  Pipe done;
  std::optional<Source> reader;
  std::optional<Source> is_done;
  {
    const nara::Current inside = owner.enter();
    reader = wrap(std::move(pipe.reader));
    is_done = wrap(std::move(done.reader));
  }
  std::thread other([&] {
    CHECK(nara::block_on(read_once(*reader)) == 3);
    put(done.writer.fd(), "x");
  });
  put(pipe.writer.fd(), "abc");
  CHECK(owner.block_on(read_once(*is_done)) == 1);
  other.join();
}

TEST_CASE("who waits on another runtime is woken when that of the descriptor goes, and told") {
  std::optional<Runtime> owner = Runtime::create().value();
  Pipe pipe;
  std::optional<Source> reader;
  {
    const nara::Current inside = owner->enter();
    reader = wrap(std::move(pipe.reader));
  }
  CurrentThread user;
  JoinHandle<Result<std::size_t>> task = user.spawn(read_once(*reader));
  user.block_on(let_run(3));
  CHECK_FALSE(task.is_finished());
  step("the runtime goes");
  owner.reset();
  const auto result = user.block_on(std::move(task));
  CHECK(nara::io::is_shutdown(result->error()));
}

TEST_CASE("a descriptor whose runtime is gone fails on its first poll, also when it is ready") {
  Pipe pipe;
  std::optional<Source> reader;
  std::optional<nara::Handle> handle;
  {
    const Runtime owner = Runtime::create().value();
    const nara::Current inside = owner.enter();
    handle = owner.handle();
    reader = wrap(std::move(pipe.reader));
    put(pipe.writer.fd(), "abc");
  }
  CHECK(nara::io::is_shutdown(nara::block_on(read_once(*reader)).error()));
  const auto guard = nara::block_on(reader->readable());
  CHECK(nara::io::is_shutdown(guard.error()));
  const auto tried =
      reader->try_io(Interest::kReadable, [](const OwnedFd&) { return Result<int>(7); });
  CHECK(nara::io::is_shutdown(tried.error()));
  step("and nothing new can be registered there");
  const nara::Current inside = handle->enter();
  CHECK(nara::io::is_shutdown(Source::try_new(std::move(pipe.writer)).error().cause));
}

TEST_CASE("a runtime takes the tasks with it that wait for descriptors, and what they own") {
  Pipe pipe;
  {
    Runtime runtime = Runtime::create().value();
    (void)runtime.spawn(
        [](OwnedFd descriptor) -> Async<> {
          const Source writer = wrap(std::move(descriptor));
          (void)co_await writer.ready(Interest::kPriority);
          CHECK(false);
        },
        std::move(pipe.writer));
    runtime.block_on(let_run(3));
  }
  std::array<std::byte, 1> buffer{};
  CHECK(nara::sys::read(pipe.reader.fd(), buffer) == 0);
}
