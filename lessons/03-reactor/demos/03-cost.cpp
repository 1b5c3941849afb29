// What the reactor costs: in nanoseconds, in system calls, in bytes. Takes a second.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/current_thread.hpp>
#include <nara/io/stream.hpp>
#include <nara/reactor.hpp>
#include <span>

#include "stopwatch.hpp"

using nara::Async;
using nara::AsyncFd;
using nara::CurrentThread;
using nara::EpollDriver;
using nara::OwnedFd;
using nara::io::Interest;

constexpr int kTimes = 20'000;

struct Pair {
  std::array<int, 2> ends{};
  Pair() {
    (void)::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data());
  }
};

const std::array<std::byte, 64> kMessage{};
std::array<std::byte, 1024> buffer;
CurrentThread executor(EpollDriver::open().value());

/// Two ends of a socket send a message to and fro, by hand.
Async<> echo_by_hand() {
  const Pair pair;
  const OwnedFd left(pair.ends[0]);
  const OwnedFd right(pair.ends[1]);
  const OwnedFd epoll = nara::sys::epoll_create().value();
  for (const int end : pair.ends) {
    (void)nara::sys::epoll_add(epoll.fd(), end, EPOLLIN | EPOLLET, 0);
  }
  std::array<epoll_event, 16> events;
  for (int i = 0; i < kTimes; ++i) {
    (void)nara::sys::write(pair.ends[i % 2], kMessage);
    (void)nara::sys::epoll_wait(epoll.fd(), events, std::nullopt);
    (void)nara::sys::read(pair.ends[(i + 1) % 2], buffer);
  }
  co_return;
}

/// The same, by two tasks.
Async<> echo(OwnedFd end, bool begins) {
  const auto socket = AsyncFd<OwnedFd>::try_new(std::move(end)).value();
  const nara::io::WriteStream write(kMessage);
  const nara::io::ReadStream read(buffer);
  for (int i = 0; i < kTimes / 2; ++i) {
    if (begins) (void)co_await socket.async_io(Interest::kWritable, write);
    (void)co_await socket.async_io(Interest::kReadable, read);
    if (!begins) (void)co_await socket.async_io(Interest::kWritable, write);
  }
}

Async<> echo_in_tasks() {
  const Pair pair;
  auto other = nara::spawn(echo(OwnedFd(pair.ends[1]), false));
  co_await echo(OwnedFd(pair.ends[0]), true);
  (void)co_await other;
}

/// Reads where there is nothing to read.
Async<> read_in_vain() {
  const Pair pair;
  const OwnedFd left(pair.ends[0]);
  const OwnedFd right(pair.ends[1]);
  for (int i = 0; i < kTimes; ++i) (void)nara::sys::read(left.fd(), buffer);
  co_return;
}

/// The same, but the reactor is asked first whether it is worth a try.
Async<> ask_in_vain() {
  const Pair pair;
  const auto socket = AsyncFd<OwnedFd>::try_new(OwnedFd(pair.ends[0])).value();
  const OwnedFd other(pair.ends[1]);
  const nara::io::ReadStream read(buffer);
  for (int i = 0; i < kTimes; ++i) (void)socket.try_io(Interest::kReadable, read);
  co_return;
}

struct Row {
  const char* name;
  std::function<void()> work;
  double calls = 0;
  std::array<double, 15> rounds{};  // nanoseconds

  void measure(double& round) {
    const auto before = executor.counters().system_calls;
    const Stopwatch stopwatch(CLOCK_PROCESS_CPUTIME_ID);
    work();
    round = stopwatch.seconds() * 1e9 / kTimes;
    calls = static_cast<double>(executor.counters().system_calls - before) / kTimes;
  }
};

int main() {
  auto driver = EpollDriver::open().value();
  std::array rows{
      Row{"a message, by hand", [] { executor.block_on(echo_by_hand()); }},
      Row{"a message, between tasks", [] { executor.block_on(echo_in_tasks()); }},
      Row{"a read that says EAGAIN", [] { executor.block_on(read_in_vain()); }},
      Row{"the same, when we know it", [] { executor.block_on(ask_in_vain()); }},
      Row{"unpark() of a thread awake",
          [&] {
            for (int i = 0; i < kTimes; ++i) driver->unpark();
          }},
  };
  for (std::size_t round = 0; round < rows[0].rounds.size(); ++round) {
    for (Row& row : rows) row.measure(row.rounds[round]);
  }
  for (Row& row : rows) {
    std::ranges::sort(row.rounds);
    std::printf("%-29s %7.1f ns %5.2f system calls\n", row.name, row.rounds[row.rounds.size() / 2],
                row.calls);
  }
  std::printf("a descriptor: %zu bytes here, %zu in the reactor\n", sizeof(AsyncFd<OwnedFd>),
              sizeof(nara::detail::Registration));
}
