// A heart, and three doors beside it. Come in: nc 127.0.0.1 7021, and 7022, and 7023.
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <nara/io/text.hpp>
#include <nara/main.hpp>
#include <nara/spawn.hpp>
#include <nara/time/interval.hpp>
#include <starved.hpp>
#include <string>
#include <system_error>

namespace {

using nara::Async;
using nara::OwnedFd;
using nara::io::Result;

struct Door {
  std::uint16_t port;
  const char* name;
  Async<std::error_code> (*greet_all)(OwnedFd, Greet);
};

/// What is there is said at once, also when nobody looks at a terminal.
void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

Async<> beat() {
  nara::time::Interval ticks = nara::time::interval(std::chrono::seconds(1));
  for (int beats = 1;; ++beats) {
    co_await ticks.tick();
    say("beat " + std::to_string(beats));
  }
}

Async<Result<void>> open() {
  const std::array doors{Door{7021, "by hand", greet_by_hand},
                         Door{7022, "elsewhere", greet_elsewhere},
                         Door{7023, "adopted", greet_adopted}};
  for (const Door& door : doors) {
    Result<OwnedFd> opened = open_door({nara::net::IpAddr::loopback_v4(), door.port});
    if (!opened) {
      say("Nobody can listen at port " + std::to_string(door.port) + ":");
      co_return std::unexpected(opened.error());
    }
    say("127.0.0.1:" + std::to_string(door.port) + " is open, " + door.name);
    const auto greet = [name = door.name](const OwnedFd& guest) {
      (void)nara::sys::write(guest.fd(), nara::io::as_bytes("Hello, and good-bye.\n"));
      say(std::string("a guest, ") + name);
    };
    (void)nara::spawn(door.greet_all(*std::move(opened), greet));
  }
  co_await beat();
  co_return Result<void>();
}

}  // namespace

int main() { return nara::main(open); }
