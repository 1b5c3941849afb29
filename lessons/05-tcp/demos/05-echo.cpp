// The toy's server once more, with the layer.
#include <array>
#include <nara/async.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/runtime.hpp>
#include <nara/spawn.hpp>

#include "callers.hpp"

using nara::Async;
using nara::net::TcpListener;
using nara::net::TcpStream;

// [write_all]
/// Writes all of it. False when that cannot be done. (Lesson 06 has it for any stream.)
Async<bool> write_all(const TcpStream& stream, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto taken = co_await stream.write(bytes);
    if (!taken) co_return false;
    bytes = bytes.subspan(*taken);
  }
  co_return true;
}
// [/write_all]

/// Sends back what comes, until nothing more will come.
Async<> echo(TcpStream stream) {
  std::array<std::byte, 1024> buffer;
  bool goes_on = true;
  while (goes_on) {
    const auto size = co_await stream.read(buffer);
    if (!size || *size == 0) co_return;
    const auto words = std::span(buffer).first(*size);
    goes_on = co_await write_all(stream, words);
  }
}

// [serve]
Async<> serve(TcpListener listener) {
  while (true) {
    auto accepted = co_await listener.accept();
    if (!accepted) co_return;
    (void)nara::spawn(echo(std::move(accepted->stream)));
  }
}

Async<> run() {
  TcpListener listener = (co_await TcpListener::bind("127.0.0.1:0")).value();
  const SocketAddr address = listener.local_addr().value();
  (void)nara::spawn(serve(std::move(listener)));
  co_await nara::run_blocking([address] { call_three_times(address); });
}
// [/serve]

int main() {
  nara::Runtime runtime = nara::Runtime::create().value();
  runtime.block_on(run());
}
