// A client that says all it has to say before it listens.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/io/read.hpp>
#include <nara/io/write.hpp>
#include <nara/main.hpp>
#include <nara/spawn.hpp>
#include <span>
#include <string>
#include <utility>

#include "echo.hpp"
#include "say_why.hpp"
#include "tcp_pair.hpp"

using nara::Async;
using nara::io::write_all;
using nara::net::TcpStream;

namespace {

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

Async<> talk() {
  Pair pair = co_await connected();
  (void)nara::spawn(echo(std::move(pair.server)));
  auto asking = nara::spawn(ask(std::move(pair.client)));
  co_await wait_or_say_why(std::move(asking));
}

}  // namespace

int main() { return nara::main(talk); }
