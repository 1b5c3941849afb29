// A question may be lost, and an answer may be late. Who asks again gets too many of them.
#include <array>
#include <chrono>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/io/text.hpp>
#include <nara/net/udp_socket.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "../../05-tcp/demos/paused.hpp"

using nara::Async;
using nara::io::as_bytes;
using nara::io::as_text;
using nara::net::SocketAddr;
using nara::net::UdpSocket;
using namespace std::chrono_literals;

namespace {

nara::time::Instant begun;

void tell(std::string_view what) {
  std::printf("%4d ms: %s\n", ms_since(begun), std::string(what).c_str());
}

// [ask]
/// Asks, and asks again whenever 100 ms have brought no answer.
Async<std::string> ask(const UdpSocket& socket, std::string_view question) {
  std::array<std::byte, 100> buffer{};
  while (true) {
    tell(question);
    (void)co_await socket.send(as_bytes(question));
    auto receiving = socket.recv(buffer);
    const auto got = co_await nara::time::timeout(100ms, receiving);
    if (got && *got) co_return std::string(as_text(buffer).substr(0, (*got)->size));
  }
}
// [/ask]

/// Does not get the first question, and takes 150 ms to answer the second. It is quick afterwards.
Async<> answer(UdpSocket socket) {
  std::array<std::byte, 100> buffer{};
  for (int i = 0;; ++i) {
    const auto got = co_await socket.recv_from(buffer);
    if (!got) co_return;
    if (i == 0) continue;
    if (i == 1) co_await nara::time::sleep(150ms);
    const std::string_view question = as_text(buffer).substr(0, got->size);
    const auto words = as_bytes(question == "weather?" ? "rain" : "noon");
    (void)co_await socket.send_to(words, got->from);
  }
}

Async<> talk() {
  auto other = co_await UdpSocket::bind("127.0.0.1:0");
  const SocketAddr address = other->local_addr().value();
  (void)nara::spawn(answer(*std::move(other)));
  const auto socket = co_await UdpSocket::bind("127.0.0.1:0");
  (void)co_await socket->connect(address);
  begun = nara::time::now();
  for (const std::string_view question : {"weather?", "time?"}) {
    const std::string answer = co_await ask(*socket, question);
    tell("         " + answer);
  }
}

}  // namespace

int main() { run_paused_with_sockets(talk); }
