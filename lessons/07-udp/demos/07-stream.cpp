// A datagram socket is a descriptor, so it can be read like a stream. What comes of it?
#include <array>
#include <chrono>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/io/text.hpp>
#include <nara/io/write.hpp>
#include <nara/main.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <string>
#include <utility>

#include "../../06-split/demos/say_why.hpp"
#include "../../06-split/demos/tcp_pair.hpp"
#include "post.hpp"

using nara::Async;
using nara::io::write_all;
using nara::net::TcpStream;

namespace {

void tell(std::span<const std::byte> bytes) {
  std::printf("  read: \"%s\"\n", std::string(nara::io::as_text(bytes)).c_str());
}

// [hear]
// [read]
/// Reads a text of so many bytes.
Async<> hear(TcpStream stream, std::size_t size) {
  std::array<std::byte, 8> buffer{};
  while (size > 0) {
    const auto got = co_await stream.read(buffer);
    if (!got || *got == 0) co_return;
    tell(std::span(buffer).first(*got));
    size -= *got;
  }
  std::printf("  that was all\n");
}
// [/read]

Async<> talk(Pair pair) {
  (void)co_await write_all(pair.client, "weather in Nara");
  (void)co_await write_all(pair.client, "time");
  co_await nara::time::sleep(std::chrono::milliseconds(50));  // It is on its way.
  auto hearing = nara::spawn(hear(std::move(pair.server), 19));
  co_await wait_or_say_why(std::move(hearing));
}
// [/hear]

// [pair]
/// Two sockets of UDP, each of which sends to the other. A TcpStream takes over any socket.
Pair two_boxes() {
  OwnedFd near = put_up_a_box();
  OwnedFd far = put_up_a_box();
  (void)nara::sys::connect(near.fd(), address_of(far));
  (void)nara::sys::connect(far.fd(), address_of(near));
  return {TcpStream::from_fd(std::move(near)).value(), TcpStream::from_fd(std::move(far)).value()};
}
// [/pair]

Async<> both() {
  std::printf("over TCP\n");
  Pair connection = co_await connected();
  (void)connection.client.set_nodelay(true);
  co_await talk(std::move(connection));
  std::printf("over UDP\n");
  co_await talk(two_boxes());
}

}  // namespace

int main() { return nara::main(both); }
