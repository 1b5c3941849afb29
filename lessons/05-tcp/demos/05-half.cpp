// Somebody asks, and says when that was all. The answer cannot begin before.
#include <algorithm>
#include <array>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/io/text.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/runtime.hpp>
#include <nara/spawn.hpp>
#include <string>

using nara::Async;
using nara::io::as_bytes;
using nara::net::SocketAddr;
using nara::net::TcpListener;
using nara::net::TcpStream;

// [half]
/// All that comes, until the end.
Async<std::string> hear_all(const TcpStream& stream) {
  std::string all;
  std::array<std::byte, 8> buffer;
  while (true) {
    const auto size = co_await stream.read(buffer);
    if (!size || *size == 0) co_return all;
    all += nara::io::as_text(std::span(buffer).first(*size));
  }
}

Async<> sort_letters(TcpListener listener) {
  auto accepted = co_await listener.accept();
  const TcpStream stream = std::move(accepted->stream);
  std::string letters = co_await hear_all(stream);
  std::ranges::sort(letters);
  (void)co_await stream.write(as_bytes(letters));
}

// [ask]
Async<> ask(SocketAddr address) {
  const auto connected = co_await TcpStream::connect(address);
  const TcpStream& stream = *connected;
  (void)co_await stream.write(as_bytes("thequick"));
  (void)co_await stream.write(as_bytes("brownfox"));
  (void)co_await stream.shutdown();
  const std::string answer = co_await hear_all(stream);
  std::printf("sorted: %s\n", answer.c_str());
}
// [/ask]
// [/half]

Async<> run() {
  auto bound = co_await TcpListener::bind("127.0.0.1:0");
  const SocketAddr address = bound->local_addr().value();
  (void)nara::spawn(sort_letters(*std::move(bound)));
  co_await ask(address);
}

int main() {
  nara::Runtime runtime = nara::Runtime::create().value();
  runtime.block_on(run());
}
