// A client that says all it has to say before it listens.
#include <array>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <nara/async.hpp>
#include <nara/io/read.hpp>
#include <nara/io/write.hpp>
#include <nara/main.hpp>
#include <nara/spawn.hpp>
#include <nara/task_dump.hpp>
#include <nara/time/timeout.hpp>
#include <string>

#include "tcp_pair.hpp"

using nara::Async;
using nara::io::write_all;
using nara::net::TcpStream;
using namespace std::chrono_literals;

namespace {

// [problem]
/// Sends back what it gets.
Async<> echo(TcpStream stream) {
  std::array<std::byte, 4096> buffer{};
  while (true) {
    const auto size = co_await stream.read(buffer);
    if (!size || *size == 0) co_return;
    const auto bytes = std::span<const std::byte>(buffer).first(*size);
    (void)co_await write_all(stream, bytes);
  }
}

// [ask]
/// Sends a long text, and then reads it again.
Async<> ask(TcpStream stream) {
  const std::string text(50'000'000, 'x');
  (void)co_await write_all(stream, text);
  std::printf("all is sent\n");
  std::string answer(text.size(), ' ');
  const auto room = std::as_writable_bytes(std::span(answer));
  (void)co_await nara::io::read_exact(stream, room);
  std::printf("all is back\n");
}
// [/ask]
// [/problem]

Async<> talk() {
  Pair pair = co_await connected();
  (void)nara::spawn(echo(std::move(pair.server)));
  auto asking = nara::spawn(ask(std::move(pair.client)));
  const auto in_time = co_await nara::time::timeout(1s, asking);
  if (in_time) co_return;
  std::printf("nothing has been heard for a second:\n");
  std::fflush(stdout);
  nara::dump_tasks(std::cout, 100ms);
}

}  // namespace

int main() { return nara::main(talk); }
