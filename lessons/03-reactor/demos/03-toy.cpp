// Three guests, one waiter, one thread. It sleeps until one of them speaks.
#include <array>
#include <cstdio>
#include <memory>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <thread>
#include <vector>

#include "pipe.hpp"
#include "toy_reactor.hpp"

using nara::Async;
using nara::JoinHandle;

// [main]
Async<> listen_to(int guest, const Pipe& pipe, ToyReactor& reactor) {
  const int descriptor = pipe.out.fd();
  co_await reactor.readable(descriptor);
  std::printf("guest %d: %s\n", guest, pipe.read(100)->c_str());
}

Async<> wait_at_tables(const std::array<Pipe, 3>& pipes, ToyReactor& reactor) {
  std::vector<JoinHandle<void>> tasks;
  for (int guest = 0; guest < 3; ++guest) {
    reactor.watch(pipes[guest].out.fd());
    tasks.push_back(nara::spawn(listen_to(guest, pipes[guest], reactor)));
  }
  const std::jthread guests([&] {
    pipes[2].write("the menu, please");
    pipes[0].write("water, please");
    pipes[1].write("the bill, please");
  });
  for (JoinHandle<void>& task : tasks) (void)co_await task;
}

int main() {
  auto reactor = std::make_unique<ToyReactor>();
  const std::array<Pipe, 3> pipes;
  Async<> waiter = wait_at_tables(pipes, *reactor);
  nara::CurrentThread executor(std::move(reactor));
  executor.block_on(std::move(waiter));
}
// [/main]
