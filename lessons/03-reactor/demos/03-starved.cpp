// Two tasks on one thread: one beats, the other reads a line. Press Enter.
#include <array>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/owned_fd.hpp>

#include "heart.hpp"
#include "keyboard.hpp"

using nara::Async;

// [listen]
Async<> listen(const nara::OwnedFd& keyboard) {
  std::printf("waiting for input...\n");
  std::array<char, 100> line;
  (void)::read(keyboard.fd(), line.data(), line.size());
  std::printf("thank you\n");
  has_line = true;
  co_return;
}
// [/listen]

int main() {
  Keyboard keyboard;
  const nara::OwnedFd descriptor = keyboard.open();
  nara::block_on(beat([&] { return listen(descriptor); }));
}
