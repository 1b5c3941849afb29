// Somebody stands between a client and a server, and passes everything on; the end, too.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/io/copy.hpp>
#include <nara/io/duplex.hpp>
#include <nara/io/read.hpp>
#include <nara/io/write.hpp>
#include <nara/main.hpp>
#include <nara/spawn.hpp>
#include <string>
#include <utility>

using nara::Async;
using nara::io::DuplexStream;
using nara::io::read_to_string;
using nara::io::write_all;

namespace {

/// Reads to the end before it answers.
Async<> serve(DuplexStream stream) {
  std::string text;
  const auto size = co_await read_to_string(stream, text);
  std::printf("server: %zu bytes, and the end\n", size.value());
  (void)co_await write_all(stream, "well spoken");
}

Async<> ask(DuplexStream stream) {
  (void)co_await write_all(stream, "to be or not to be");
  (void)co_await stream.shutdown();
  std::string answer;
  (void)co_await read_to_string(stream, answer);
  std::printf("client: %s\n", answer.c_str());
}

Async<> pass_on() {
  auto [client, near] = nara::io::duplex(64);
  auto [far, server] = nara::io::duplex(64);
  (void)nara::spawn(serve(std::move(server)));
  auto asking = nara::spawn(ask(std::move(client)));
  const auto copied = co_await copy_bidirectional(near, far);
  std::printf("proxy: %d bytes there, %d back\n", static_cast<int>(copied->a_to_b),
              static_cast<int>(copied->b_to_a));
  (void)co_await asking;
}

}  // namespace

int main() { return nara::main(pass_on); }
