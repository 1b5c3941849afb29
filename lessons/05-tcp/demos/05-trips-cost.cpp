// Ten thousand messages there and back, for strace(1) to look at.
#include <cstdio>
#include <nara/current_thread.hpp>
#include <nara/reactor.hpp>
#include <nara/spawn.hpp>

#include "connection.hpp"

constexpr int kTrips = 10'000;

Async<> run(const nara::CurrentThread& executor) {
  Connection connection = co_await connect();
  (void)nara::spawn(echo(std::move(connection.server)));
  const auto before = executor.counters().system_calls;
  co_await round_trips(connection.client, kTrips);
  const auto calls = static_cast<double>(executor.counters().system_calls - before);
  std::printf("a message there and back: %.4f system calls\n", calls / kTrips);
}

int main() {
  nara::CurrentThread executor(nara::EpollDriver::open().value());
  executor.block_on(run(executor));
}
