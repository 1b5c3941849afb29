// Who has been told EAGAIN takes a bit away. What if news comes just before that?
#include <cstdio>
#include <functional>
#include <nara/detail/readiness.hpp>

#include "pipe.hpp"

using nara::detail::ReadyEvent;
using nara::io::Ready;

// [bit]
/// The readiness of a descriptor in one bit. `nara::detail::Readiness` does the same with a tick.
struct OneBit {
  bool is_ready = false;

  ReadyEvent look(Ready) const { return {.ready = is_ready ? Ready::kReadable : Ready()}; }
  void add(Ready) { is_ready = true; }
  void clear(ReadyEvent) { is_ready = false; }
};
// [/bit]

// [reader]
/// Reads until there is nothing, as a task does. True when it would read again.
template <class Readiness>
bool read_all(Readiness& readiness, const Pipe& pipe, const std::function<void()>& in_between) {
  const ReadyEvent event = readiness.look(Ready::kReadable);
  while (pipe.read(100)) {
  }
  in_between();
  readiness.clear(event);
  return !readiness.look(Ready::kReadable).is_nothing();
}
// [/reader]

template <class Readiness>
void try_out(const char* name) {
  const Pipe pipe;
  Readiness readiness;
  const auto driver = [&] {
    pipe.write("news");
    readiness.add(Ready::kReadable);
  };
  driver();
  const bool goes_on = read_all(readiness, pipe, driver);
  std::printf("%s: %s. In the pipe: %s\n", name, goes_on ? "reads again" : "waits for ever",
              pipe.read(100)->c_str());
}

int main() {
  try_out<OneBit>("with a bit ");
  try_out<nara::detail::Readiness>("with a tick");
}
