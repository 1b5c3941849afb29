// Tasks that wait for descriptors.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/io/stream.hpp>
#include <nara/join_handle.hpp>
#include <nara/owned_fd.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <nara/yield_now.hpp>
#include <span>
#include <utility>
#include <vector>

#include "../descriptors.hpp"
#include "drivers.hpp"
#include "inside.hpp"

namespace bench {

using namespace std::chrono_literals;

namespace {

using nara::Async;
using nara::AsyncFd;
using nara::JoinHandle;
using nara::OwnedFd;
using nara::spawn;
using nara::io::Interest;

AsyncFd<OwnedFd> watch(int descriptor, Interest interest) {
  return AsyncFd<OwnedFd>::try_new(OwnedFd(descriptor), interest).value();
}

// --- Ping-pong

class Pipe {
 public:
  auto write() const {
    static constexpr std::byte kByte{};
    return to_.async_io(Interest::kWritable, nara::io::WriteStream(std::span(&kByte, 1)));
  }

  auto read() { return from_.async_io(Interest::kReadable, nara::io::ReadStream(buffer_)); }

 private:
  std::array<int, 2> ends_ = open_pipe();
  AsyncFd<OwnedFd> from_ = watch(ends_[0], Interest::kReadable);
  AsyncFd<OwnedFd> to_ = watch(ends_[1], Interest::kWritable);
  std::array<std::byte, kBuffer> buffer_{};
};

auto read_at_once(Pipe& pipe) { return pipe.read(); }
auto read_in_time(Pipe& pipe) { return nara::time::timeout(10s, pipe.read()); }

template <auto kRead>
Async<> answer(Pipe& from, Pipe& to) {
  for (;;) {
    (void)co_await kRead(from);
    (void)co_await to.write();
  }
}

template <auto kRead>
Async<> ping_pongs(std::uint64_t ops) {
  Pipe there;
  Pipe back;
  JoinHandle<void> other = spawn(answer<kRead>(there, back));
  for (std::uint64_t i = 0; i < ops; ++i) {
    (void)co_await there.write();
    const auto size = co_await kRead(back);
    keep(size);
  }
  other.abort();
  const auto end = co_await other;
  keep(end);
}

// --- Idle

Async<> wait(AsyncFd<OwnedFd> socket) {
  const auto ready = co_await socket.readable();
  keep(ready);
}

/// Tasks that wait for descriptors on which nothing happens. They end with their runtime.
Async<> add_idle() {
  for (const int socket : open_idle()) (void)spawn(wait(watch(socket, Interest::kReadable)));
  co_await nara::yield_now();
}

Async<double> beside_idle(std::uint64_t ops) {
  co_await add_idle();
  co_return co_await time(ping_pongs<read_at_once>, ops);
}

/// Microseconds of CPU for each second of doing nothing.
Async<double> idle(std::chrono::milliseconds time) {
  co_await add_idle();
  const double start = cpu_nanoseconds();
  co_await nara::time::sleep(time);
  co_return (cpu_nanoseconds() - start) / static_cast<double>(time.count());
}

}  // namespace

double pipe_ping_pong(std::uint64_t ops) {
  return run_with_drivers(time(ping_pongs<read_at_once>, ops));
}
double pipe_timeout(std::uint64_t ops) {
  return run_with_drivers(time(ping_pongs<read_in_time>, ops));
}
double idle_fds(std::uint64_t ops) { return run_with_drivers(beside_idle(ops)); }
double idle_cpu(std::uint64_t ops) {
  return run_with_drivers(idle(std::chrono::milliseconds(ops)));
}

}  // namespace bench
