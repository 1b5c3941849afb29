// The same two tasks. The one that waits for a line waits in the reactor, and the heart beats on.
#include <array>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/current_thread.hpp>
#include <nara/reactor.hpp>

#include "heart.hpp"
#include "keyboard.hpp"

using nara::Async;
using nara::AsyncFd;
using nara::OwnedFd;

nara::io::Result<std::size_t> read_line(const OwnedFd& keyboard) {
  std::array<std::byte, 100> line;
  return nara::sys::read(keyboard.fd(), line);
}

// [listen]
Async<> listen(OwnedFd descriptor) {
  std::printf("waiting for input...\n");
  (void)nara::sys::set_nonblocking(descriptor.fd());
  auto keyboard = AsyncFd<OwnedFd>::try_new(std::move(descriptor)).value();
  while (true) {
    auto guard = co_await keyboard.readable();
    auto result = guard->try_io(read_line);
    if (result) break;  // Else it said EAGAIN: wait again.
  }
  std::printf("thank you\n");
  has_line = true;
}
// [/listen]

int main() {
  Keyboard keyboard;
  // [main]
  nara::CurrentThread executor(nara::EpollDriver::open().value());
  executor.block_on(beat([&] { return listen(keyboard.open()); }));
  // [/main]
}
