#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/current_thread.hpp>
#include <nara/io/stream.hpp>
#include <nara/yield_now.hpp>

using namespace nara;
TEST_CASE("smoke") {
  auto driver = EpollDriver::open();
  REQUIRE(driver.has_value());
  CurrentThread executor(*std::move(driver));
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
  const auto before = executor.counters().system_calls;
  executor.block_on([&]() -> Async<> {
    auto a = AsyncFd<OwnedFd>::try_new(OwnedFd(ends[0]));
    auto b = AsyncFd<OwnedFd>::try_new(OwnedFd(ends[1]));
    auto reader = spawn([&]() -> Async<> {
      std::array<std::byte, 100> buffer;
      const auto n = co_await a->async_io(io::Interest::kReadable, io::ReadStream(buffer));
      CHECK(*n == 5);
      const auto m = co_await a->async_io(io::Interest::kReadable, io::ReadStream(buffer));
      CHECK(*m == 0);
    });
    co_await yield_now();
    const auto w = co_await b->async_io(io::Interest::kWritable,
                                        io::WriteStream(std::as_bytes(std::span("hello", 5))));
    CHECK(*w == 5);
    for (int i = 0; i < 100; ++i) co_await yield_now();
    auto gone = *std::move(b);
    {
      auto dead = std::move(gone);
    }
    (void)co_await reader;
  });
  const auto calls = executor.counters().system_calls - before;
  MESSAGE(calls);
}
