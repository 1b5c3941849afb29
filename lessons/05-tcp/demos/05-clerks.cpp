// Nine calls, each of which takes ten milliseconds, and so many who answer.
#include <chrono>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <vector>

#include "paused.hpp"
#include "sockets.hpp"

using nara::Async;
using nara::net::TcpListener;
using nara::net::TcpStream;
using namespace std::chrono_literals;

constexpr int kCalls = 9;

// [clerk]
Async<> talk(TcpStream stream, int& done) {
  co_await nara::time::sleep(10ms);
  ++done;
}

// [loop]
/// Takes a call when the one before is over.
Async<> clerk(const TcpListener& telephone, int& done) {
  while (true) {
    auto accepted = co_await telephone.accept();
    if (!accepted) co_return;
    co_await talk(std::move(accepted->stream), done);
  }
}
// [/loop]

/// Takes each call at once, and gives it to a task of its own.
Async<> switchboard(const TcpListener& telephone, int& done) {
  while (true) {
    auto accepted = co_await telephone.accept();
    if (!accepted) co_return;
    (void)nara::spawn(talk(std::move(accepted->stream), done));
  }
}
// [/clerk]

using Loop = Async<> (*)(const TcpListener& telephone, int& done);

Async<> run(const char* name, Loop loop, int loops) {
  const TcpListener telephone = TcpListener::from_fd(listen_somewhere()).value();
  std::vector<OwnedFd> callers;
  for (int i = 0; i < kCalls; ++i) callers.push_back(dial(telephone.local_addr().value()));
  int done = 0;
  const nara::time::Instant start = nara::time::now();
  std::vector<nara::JoinHandle<void>> tasks;
  for (int i = 0; i < loops; ++i) tasks.push_back(nara::spawn(loop(telephone, done)));
  while (done < kCalls) co_await nara::time::sleep(1ms);
  std::printf("%-15s %d calls in %d ms\n", name, done, ms_since(start));
  for (auto& task : tasks) {
    task.abort();
    (void)co_await task;
  }
}

Async<> run_all() {
  co_await run("1 clerk:", clerk, 1);
  co_await run("3 clerks:", clerk, 3);
  co_await run("a switchboard:", switchboard, 1);
}

int main() { run_paused_with_sockets(run_all); }
