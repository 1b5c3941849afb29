// How many system calls a message costs, with and without the trick of the short read.
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/current_thread.hpp>
#include <nara/io/stream.hpp>
#include <nara/reactor.hpp>
#include <span>

using nara::Async;
using nara::AsyncFd;
using nara::OwnedFd;
using nara::io::Interest;

constexpr int kMessages = 1000;

/// Reads what there is. It does not say whether that was all.
struct PlainRead {
  std::span<std::byte> into;
  nara::io::Result<std::size_t> operator()(const OwnedFd& socket) const {
    return nara::sys::read(socket.fd(), into);
  }
};

template <class Read>
Async<> echo(const AsyncFd<OwnedFd>& socket) {
  std::array<std::byte, 100> buffer;
  const Read read(buffer);
  for (int i = 0; i < kMessages; ++i) {
    const auto size = co_await socket.async_io(Interest::kReadable, read);
    const std::span<const std::byte> words(buffer.data(), *size);
    const nara::io::WriteStream write(words);
    (void)co_await socket.async_io(Interest::kWritable, write);
  }
}

template <class Read>
Async<> send_and_receive(int left, int right) {
  const auto here = AsyncFd<OwnedFd>::try_new(OwnedFd(left)).value();
  const auto there = AsyncFd<OwnedFd>::try_new(OwnedFd(right)).value();
  auto other = nara::spawn(echo<Read>(there));
  const nara::io::WriteStream hello(std::as_bytes(std::span("hello")));
  std::array<std::byte, 100> buffer;
  const Read read(buffer);
  for (int i = 0; i < kMessages; ++i) {
    (void)co_await here.async_io(Interest::kWritable, hello);
    (void)co_await here.async_io(Interest::kReadable, read);
  }
  (void)co_await other;
}

template <class Read>
void count(const char* name) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) return;
  nara::CurrentThread executor(nara::EpollDriver::open().value());
  const auto before = executor.counters().system_calls;
  executor.block_on(send_and_receive<Read>(ends[0], ends[1]));
  const auto calls = static_cast<double>(executor.counters().system_calls - before);
  std::printf("%s system calls a message: %.1f\n", name, calls / (2 * kMessages));
}

int main() {
  count<PlainRead>("reads until EAGAIN: ");
  count<nara::io::ReadStream>("knows a short read: ");
}
