// The toy once more, on the layer; and what it says of a datagram that is too long for it.
#include <array>
#include <nara/async.hpp>
#include <nara/io/text.hpp>
#include <nara/main.hpp>
#include <nara/net/udp_socket.hpp>
#include <nara/run_blocking.hpp>
#include <nara/spawn.hpp>
#include <string>
#include <utility>

#include "guests.hpp"

using nara::Async;
using nara::io::as_bytes;
using nara::net::UdpSocket;

namespace {

// [echo]
Async<> echo(UdpSocket socket) {
  std::array<std::byte, 100> buffer{};
  while (true) {
    const auto got = co_await socket.recv_from(buffer);
    if (!got) co_return;
    auto answer = std::span<const std::byte>(buffer).first(got->size);
    if (got->truncated) answer = as_bytes("please write less");
    (void)co_await socket.send_to(answer, got->from);
  }
}
// [/echo]

void write_a_novel(const SocketAddr& to) {
  const OwnedFd box = wait_at_a_box();
  (void)post(box, to, std::string(101, 'x'));
  std::printf("a poet reads: %s\n", take_out(box)->c_str());
}

Async<> run() {
  auto socket = co_await UdpSocket::bind("127.0.0.1:0");
  const SocketAddr address = socket->local_addr().value();
  (void)nara::spawn(echo(*std::move(socket)));
  co_await nara::run_blocking([address] {
    write_three_times(address);
    write_a_novel(address);
  });
}

}  // namespace

int main() { return nara::main(run); }
