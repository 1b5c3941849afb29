// Level against edge: when does the kernel say that there is something to read?
#include <sys/epoll.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/yield_now.hpp>

#include "pipe.hpp"
#include "toy_reactor.hpp"

using namespace std::chrono_literals;
using nara::Async;
using nara::JoinHandle;

// [spin]
/// There is something to read, and nobody reads it.
void do_not_read(const char* name, std::uint32_t trigger) {
  ToyReactor reactor(trigger);
  const Pipe pipe;
  reactor.watch(pipe.out.fd());
  pipe.write("eight pm");
  int reports = 0;
  for (int i = 0; i < 1000; ++i) {
    if (reactor.park(nara::Park::kNow)) ++reports;
  }
  std::printf("%s  nobody reads: reports in 1000 looks: %d\n", name, reports);
}
// [/spin]

// [halves]
Async<> read_in_halves(const char* name, const Pipe& pipe, ToyReactor& reactor) {
  const int descriptor = pipe.out.fd();
  for (int half = 1; half <= 2; ++half) {
    co_await reactor.readable(descriptor);
    std::printf("%s  half %d: %s\n", name, half, pipe.read(4)->c_str());
  }
}
// [/halves]

/// The executor looks at the kernel after every 61 turns. That is more than enough.
Async<> give_it_time(const char* name, const Pipe& pipe, ToyReactor& reactor) {
  const JoinHandle<void> reader = nara::spawn(read_in_halves(name, pipe, reactor));
  for (int i = 0; i < 1000; ++i) co_await nara::yield_now();
  if (reader.is_finished()) co_return;
  std::printf("%s  it waits. In the pipe: %s\n", name, pipe.read(100)->c_str());
}

void read_half(const char* name, std::uint32_t trigger) {
  auto reactor = std::make_unique<ToyReactor>(trigger);
  const Pipe pipe;
  reactor->watch(pipe.out.fd());
  pipe.write("eight pm");
  Async<> reader = give_it_time(name, pipe, *reactor);
  nara::CurrentThread executor(std::move(reactor));
  executor.block_on(std::move(reader));
}

int main() {
  do_not_read("level", 0);
  do_not_read("edge ", EPOLLET);
  read_half("level", 0);
  read_half("edge ", EPOLLET);
}
