// A server that picks up for everybody who calls, with the reactor alone.
#include <array>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/current_thread.hpp>
#include <nara/io/stream.hpp>
#include <nara/reactor.hpp>
#include <nara/spawn.hpp>
#include <nara/sys/call.hpp>

#include "callers.hpp"

using nara::Async;
using nara::AsyncFd;
using nara::io::Interest;

// [accept]
/// The next call, or EAGAIN.
nara::io::Result<OwnedFd> pick_up(const OwnedFd& telephone) {
  const int call = ::accept4(telephone.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (call == -1) return std::unexpected(nara::sys::last_error());
  return OwnedFd(call);
}

Async<> echo(OwnedFd call);

// [loop]
Async<> pick_up_all(OwnedFd listener) {
  (void)nara::sys::set_nonblocking(listener.fd());
  const auto telephone = AsyncFd<OwnedFd>::try_new(std::move(listener)).value();
  while (true) {
    auto call = co_await telephone.async_io(Interest::kReadable, pick_up);
    if (!call) co_return;
    (void)nara::spawn(echo(*std::move(call)));
  }
}
// [/loop]
// [/accept]

// [echo]
/// Sends back what comes, until nothing more will come.
Async<> echo(OwnedFd call) {
  const auto socket = AsyncFd<OwnedFd>::try_new(std::move(call)).value();
  std::array<std::byte, 100> buffer;
  while (true) {
    const nara::io::ReadStream read(buffer);
    const auto size = co_await socket.async_io(Interest::kReadable, read);
    if (!size || *size == 0) co_return;
    const auto words = std::span(buffer).first(*size);
    const nara::io::WriteStream write(words);
    (void)co_await socket.async_io(Interest::kWritable, write);
  }
}
// [/echo]

int main() {
  nara::CurrentThread executor(nara::EpollDriver::open().value());
  OwnedFd listener = listen_somewhere();
  const SocketAddr address = address_of(listener);
  (void)executor.spawn(pick_up_all(std::move(listener)));
  executor.block_on(nara::run_blocking([address] { call_three_times(address); }));
}
