// What broke the toy reactor, done with EpollDriver and AsyncFd.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/current_thread.hpp>
#include <nara/reactor.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <string>

#include "answer_elsewhere.hpp"
#include "bell.hpp"
#include "pipe.hpp"

using nara::Async;
using nara::AsyncFd;
using nara::OwnedFd;
using nara::io::Interest;

/// Four bytes, if they are there.
nara::io::Result<std::string> read_four(const OwnedFd& pipe) {
  std::string words(4, ' ');
  const auto size = nara::sys::read(pipe.fd(), std::as_writable_bytes(std::span(words)));
  if (!size) return std::unexpected(size.error());
  words.resize(*size);
  return words;
}

AsyncFd<OwnedFd> adopt(OwnedFd& pipe) {
  return AsyncFd<OwnedFd>::try_new(std::move(pipe), Interest::kReadable).value();
}

/// The executor looks at the kernel after every 61 turns.
Async<> let_the_kernel_speak() {
  for (int i = 0; i < 200; ++i) co_await nara::yield_now();
}

Async<> read_in_halves() {
  Pipe pipe;
  const AsyncFd<OwnedFd> out = adopt(pipe.out);
  pipe.write("eight pm");
  const auto first = co_await out.async_io(Interest::kReadable, read_four);
  const auto second = co_await out.async_io(Interest::kReadable, read_four);
  std::printf("half 1: %s, half 2: %s\n", first->c_str(), second->c_str());
}

Async<> do_not_read() {
  Pipe pipe;
  const AsyncFd<OwnedFd> out = adopt(pipe.out);
  pipe.write("eight pm");
  Bell bell;
  const nara::Waker waker = bell.waker();
  nara::Context context(waker);
  auto readable = out.readable();
  (void)readable.poll(context);
  co_await let_the_kernel_speak();
  std::printf("nobody reads: woken: %d\n", bell.rings());
}

Async<> reuse_a_number() {
  Pipe gone;
  const OwnedFd copy(::dup(gone.out.fd()));
  {
    const AsyncFd<OwnedFd> closed = adopt(gone.out);
  }
  Pipe next;
  const AsyncFd<OwnedFd> out = adopt(next.out);
  Bell bell;
  const nara::Waker waker = bell.waker();
  nara::Context context(waker);
  auto readable = out.readable();
  (void)readable.poll(context);
  gone.write("news of yesterday");
  co_await let_the_kernel_speak();
  std::printf("a number with a past: woken: %d\n", bell.rings());
}

Async<> leave_when_woken() {
  Pipe pipe;
  const AsyncFd<OwnedFd> out = adopt(pipe.out);
  std::optional other(out.readable());
  Bell bell([&] { other.reset(); });  // Its destructor takes it off the list, under the lock.
  const nara::Waker waker = bell.waker();
  nara::Context context(waker);
  auto readable = out.readable();
  (void)readable.poll(context);
  (void)other->poll(context);
  pipe.write("!");
  co_await let_the_kernel_speak();
  std::printf("woken, and wanted a lock: %s\n", other ? "still waits" : "has left");
}

int main() {
  nara::CurrentThread executor(nara::EpollDriver::open().value());
  executor.block_on(read_in_halves());
  executor.block_on(do_not_read());
  executor.block_on(reuse_a_number());
  executor.block_on(wait_for_another_thread());
  executor.block_on(leave_when_woken());
}
