// A stream has no messages. It has bytes, in whatever pieces they come.
#include <array>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/io/buf_reader.hpp>
#include <nara/io/duplex.hpp>
#include <nara/io/text.hpp>
#include <nara/io/write.hpp>
#include <nara/main.hpp>
#include <nara/spawn.hpp>
#include <nara/yield_now.hpp>
#include <string>
#include <string_view>
#include <utility>

using nara::Async;
using nara::io::BufReader;
using nara::io::DuplexStream;
using nara::io::write_all;

namespace {

/// Two messages, in the pieces in which a network may bring them.
Async<> send(DuplexStream stream) {
  for (const std::string_view piece : {"weather in Na", "ra\nti", "me\n"}) {
    (void)co_await write_all(stream, piece);
    co_await nara::yield_now();
  }
}

Async<> by_read(DuplexStream stream) {
  std::array<std::byte, 100> buffer{};
  while (true) {
    const auto size = co_await stream.read(buffer);
    if (!size || *size == 0) break;
    std::string text(nara::io::as_text(buffer).substr(0, *size));
    for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n')) {
      text.replace(at, 1, "\\n");
    }
    std::printf("read:  \"%s\"\n", text.c_str());
  }
}

Async<> by_line(DuplexStream stream) {
  auto lines = nara::io::lines(BufReader(std::move(stream)));
  while (true) {
    const auto line = co_await lines.next_line();
    if (!line || !*line) break;
    std::printf("line:  \"%s\"\n", (*line)->c_str());
  }
}

Async<> both() {
  auto [one, other] = nara::io::duplex(100);
  (void)nara::spawn(send(std::move(one)));
  co_await by_read(std::move(other));
  auto [first, second] = nara::io::duplex(100);
  (void)nara::spawn(send(std::move(first)));
  co_await by_line(std::move(second));
}

}  // namespace

int main() { return nara::main(both); }
