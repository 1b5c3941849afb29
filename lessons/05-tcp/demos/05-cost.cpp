// What TCP costs: in nanoseconds, in system calls, in bytes. Takes a second.
#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <nara/current_thread.hpp>
#include <nara/net/buffer_pool.hpp>
#include <nara/reactor.hpp>
#include <nara/spawn.hpp>
#include <nara/sys/epoll.hpp>
#include <nara/yield_now.hpp>
#include <vector>

#include "../../01-futures/demos/counting_new.hpp"
#include "../../03-reactor/demos/stopwatch.hpp"
#include "connection.hpp"
#include "sockets.hpp"

using nara::CurrentThread;
using nara::EpollDriver;
using nara::net::Buffer;
using nara::net::BufferPool;

constexpr int kTimes = 5'000;

CurrentThread executor(EpollDriver::open().value());

/// A message there and back, with nothing but system calls.
void echo_by_hand() {
  const Call call = call_somebody();
  const std::array<int, 2> ends{call.caller.fd(), call.callee.fd()};
  const OwnedFd epoll = nara::sys::epoll_create().value();
  for (const int end : ends) {
    (void)nara::sys::epoll_add(epoll.fd(), end, EPOLLIN | EPOLLET, 0);
  }
  std::array<epoll_event, 16> events;
  std::array<std::byte, 1024> buffer;
  for (int i = 0; i < 2 * kTimes; ++i) {
    (void)nara::sys::send(ends[i % 2], kMessage);
    (void)nara::sys::epoll_wait(epoll.fd(), events, std::nullopt);
    (void)nara::sys::recv(ends[(i + 1) % 2], buffer);
  }
}

Async<> echo_in_tasks() {
  Connection connection = co_await connect();
  (void)nara::spawn(echo(std::move(connection.server)));
  co_await round_trips(connection.client, kTimes);
}

/// Whole lives of connections: made, accepted, closed.
Async<> live_and_die() {
  const auto listener = co_await TcpListener::bind("127.0.0.1:0");
  const SocketAddr address = listener->local_addr().value();
  for (int i = 0; i < kTimes; ++i) {
    const auto client = co_await TcpStream::connect(address);
    const auto server = co_await listener->accept();
  }
}

// [idle]
/// Waits for a message, with memory of its own for it.
Async<> wait_with_a_buffer(TcpStream stream) {
  std::array<std::byte, std::size_t{16} << 10> buffer;
  (void)co_await stream.read(buffer);
}

/// The same, with memory that it gets when there is a message.
Async<> wait_with_a_pool(TcpStream stream, BufferPool& pool) {
  const nara::io::Result<Buffer> buffer = co_await stream.read_some(pool);
}
// [/idle]

/// What each of a hundred tasks that wait has taken from the heap.
Async<> weigh(const char* name, std::function<Async<>(TcpStream)> wait) {
  constexpr int kMany = 100;
  std::vector<Connection> connections;
  std::vector<nara::JoinHandle<void>> tasks;
  connections.reserve(kMany);
  tasks.reserve(kMany);
  for (int i = 0; i < kMany; ++i) connections.push_back(co_await connect());
  const long before = allocated_bytes;
  for (Connection& connection : connections) {
    tasks.push_back(nara::spawn(wait(std::move(connection.server))));
  }
  co_await nara::yield_now();
  std::printf("%-34s %6ld bytes\n", name, (allocated_bytes - before) / kMany);
  for (auto& task : tasks) task.abort();
  co_await nara::yield_now();
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

Async<> do_nothing(std::function<void()> work) {
  work();
  co_return;
}

int main() {
  std::array rows{
      Row{"there and back, by hand", [] { executor.block_on(do_nothing(echo_by_hand)); }},
      Row{"there and back, between tasks", [] { executor.block_on(echo_in_tasks()); }},
      Row{"a connection, made and closed", [] { executor.block_on(live_and_die()); }},
  };
  for (std::size_t round = 0; round < rows[0].rounds.size(); ++round) {
    for (Row& row : rows) row.measure(row.rounds[round]);
  }
  for (Row& row : rows) {
    std::ranges::sort(row.rounds);
    std::printf("%-34s %6.0f ns %6.2f system calls\n", row.name, row.rounds[row.rounds.size() / 2],
                row.calls);
  }
  BufferPool pool;
  executor.block_on(weigh("a task that waits, with 16 KiB", wait_with_a_buffer));
  executor.block_on(weigh("the same, with a pool", [&pool](TcpStream stream) {
    return wait_with_a_pool(std::move(stream), pool);
  }));
}
