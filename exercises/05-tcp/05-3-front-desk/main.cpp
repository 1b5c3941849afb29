// A desk with two clerks at port 7003. It closes when nobody has come for half a minute.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <desk.hpp>
#include <nara/io/text.hpp>
#include <nara/io/write.hpp>
#include <nara/main.hpp>
#include <string>

namespace {

using namespace std::chrono_literals;
using nara::Async;
using nara::io::Result;
using nara::net::TcpListener;
using nara::net::TcpStream;

constexpr const char* kAddress = "127.0.0.1:7003";

/// What is there is said at once, also when nobody looks at a terminal.
void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

/// Asks for a name, and says it.
class Reception final : public Service {
  Async<> serve(int clerk, TcpStream guest) override {
    const std::string who = "clerk " + std::to_string(clerk);
    say(who + ": a guest");
    (void)co_await nara::io::write_all(guest, "I am " + who + ". What is your name?\n");
    std::array<std::byte, 100> name{};
    const Result<std::size_t> size = co_await guest.read(name);
    if (!size || *size == 0) {
      say(who + ": gone without a word");
      co_return;
    }
    std::string text(nara::io::as_text(std::span(name).first(*size)));
    if (text.ends_with('\n')) text.pop_back();
    (void)co_await nara::io::write_all(guest, "Have a pleasant stay, " + text + ".\n");
    say(who + ": " + text + " has a room");
  }
};

Async<Result<void>> open() {
  Result<TcpListener> listener = co_await TcpListener::bind(kAddress);
  if (!listener) {
    say(std::string("Nobody can listen at ") + kAddress + ":");
    co_return std::unexpected(listener.error());
  }
  say(std::string("Two clerks at ") + kAddress + ". They stay until nobody has come for 30 s.");
  Reception reception;
  FrontDesk desk(*std::move(listener), reception, 30s);
  const int guests = co_await desk.open(2);
  say("closed, after " + std::to_string(guests) + " guests");
  co_return Result<void>();
}

}  // namespace

int main() { return nara::main(open); }
