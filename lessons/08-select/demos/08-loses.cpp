// A message that is lost between two ticks of a clock, and two ways to keep it.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/select.hpp>
#include <nara/spawn.hpp>
#include <nara/time/interval.hpp>

#include "paused.hpp"
#include "wire.hpp"

using nara::Async;
using nara::on;
using namespace std::chrono_literals;

void take(const std::string& message) { std::printf("  %s", message.c_str()); }
void tick(nara::time::Instant) { std::printf("  -"); }

constexpr int kSteps = 6;

// [loses]
/// Each tick destroys the future that receives, and each turn makes another one.
Async<> loses(Wire& wire) {
  nara::time::Interval ticks = nara::time::interval_at(nara::time::now() + 10ms, 10ms);
  for (int i = 0; i < kSteps; ++i) {
    co_await nara::select(on(receive(wire), take), on(ticks.tick(), tick));
  }
}
// [/loses]

// [borrows]
/// The future has a name, so the select only borrows it. A tick leaves it where it is.
Async<> borrows(Wire& wire) {
  nara::time::Interval ticks = nara::time::interval_at(nara::time::now() + 10ms, 10ms);
  Async<std::string> message = receive(wire);
  const auto take_and_go_on = [&message, &wire](const std::string& words) {
    take(words);
    message = receive(wire);
  };
  for (int i = 0; i < kSteps; ++i) {
    co_await nara::select(on(message, take_and_go_on), on(ticks.tick(), tick));
  }
}
// [/borrows]

// [keeps]
/// The future is destroyed and made anew, but what it knows is kept elsewhere.
Async<> keeps(Wire& wire) {
  nara::time::Interval ticks = nara::time::interval_at(nara::time::now() + 10ms, 10ms);
  Receiver receiver(wire);
  for (int i = 0; i < kSteps; ++i) {
    co_await nara::select(on(receiver.receive(), take), on(ticks.tick(), tick));
  }
}
// [/keeps]

Async<> with_sender(const char* name, Async<> (*read)(Wire&)) {
  Wire wire;
  const nara::JoinHandle<void> sender = nara::spawn(send(wire));
  std::printf("%-8s", name);
  co_await read(wire);
  std::printf("\n");
}

Async<> all() {
  co_await with_sender("loses", loses);
  co_await with_sender("borrows", borrows);
  co_await with_sender("keeps", keeps);
}

int main() { run_paused(all); }
