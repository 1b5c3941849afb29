// A heart, and a monitor beside it. Press Enter, and the heart stumbles.
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <limits>
#include <memory>
#include <monitor.hpp>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/main.hpp>
#include <nara/spawn.hpp>
#include <nara/sys/file.hpp>
#include <nara/time/sleep.hpp>

namespace {

using namespace std::chrono_literals;
using nara::Async;

struct Patient {
  Monitor monitor{1s};
  bool is_startled = false;
};

using Shared = std::shared_ptr<Patient>;

/// Reads what was typed; `EAGAIN` when nothing was. The terminal belongs to the shell, too: so it
/// is asked first, and not made non-blocking.
nara::io::Result<std::size_t> read_typed(int keyboard) {
  pollfd asked = {.fd = keyboard, .events = POLLIN, .revents = 0};
  if (::poll(&asked, 1, 0) == 0)
    return std::unexpected(std::error_code(EAGAIN, std::system_category()));
  std::array<std::byte, 100> typed;
  return nara::sys::read(keyboard, typed);
}

Async<> startle(Shared patient) {
  auto keyboard = nara::AsyncFd<int>::try_new(STDIN_FILENO, nara::io::Interest::kReadable);
  while (keyboard) {
    const auto typed = co_await keyboard->async_io(nara::io::Interest::kReadable, read_typed);
    if (!typed || *typed == 0) break;  // Nobody is at the keyboard any more.
    patient->is_startled = true;
  }
}

Async<> watch(Shared patient) {
  while (true) {
    const Change change = co_await patient->monitor.changed();
    std::printf(change == Change::kSilent ? "ALARM: no beat for a second\n"
                                          : "the heart is back\n");
  }
}

struct Beat {
  Async<> operator()() const {
    std::printf("beat\n");
    patient->monitor.beat();
    if (std::exchange(patient->is_startled, false)) co_await nara::time::sleep(2300ms);
  }

  Shared patient;
};

Async<> live() {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  std::printf("Press Enter to startle the heart, and Ctrl-C to go home.\n");
  const auto patient = std::make_shared<Patient>();
  (void)nara::spawn(watch, patient);
  (void)nara::spawn(startle, patient);
  co_await pulse(500ms, std::numeric_limits<int>::max(), Beat(patient));
}

}  // namespace

int main() { return nara::main(live); }
