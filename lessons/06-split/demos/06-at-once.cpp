// The same conversation, but the client listens while it speaks.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/io/read.hpp>
#include <nara/io/write.hpp>
#include <nara/main.hpp>
#include <nara/net/split.hpp>
#include <nara/spawn.hpp>
#include <string>
#include <utility>

#include "echo.hpp"
#include "tcp_pair.hpp"

using nara::Async;
using nara::io::read_to_string;
using nara::io::write_all;
using nara::net::OwnedReadHalf;
using nara::net::OwnedWriteHalf;
using nara::net::TcpStream;

namespace {

// [ask]
Async<> speak(OwnedWriteHalf writer, std::size_t size) {
  const std::string text(size, 'x');
  (void)co_await write_all(writer, text);
}  // The writer goes, and says that there is no more.

Async<> ask(TcpStream stream) {
  auto [reader, writer] = into_split(std::move(stream));
  (void)nara::spawn(speak(std::move(writer), 50'000'000));
  std::string answer;
  const auto size = co_await read_to_string(reader, answer);
  std::printf("%zu bytes are back\n", size.value());
}
// [/ask]

Async<> talk() {
  Pair pair = co_await connected();
  (void)nara::spawn(echo(std::move(pair.server)));
  co_await ask(std::move(pair.client));
}

}  // namespace

int main() { return nara::main(talk); }
