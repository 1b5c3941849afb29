// A question may be lost, and an answer may be late. Who asks again has to know which is which.
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
using nara::net::SocketAddr;
using nara::net::UdpSocket;
using namespace std::chrono_literals;

namespace {

// [ask]
/// Asks, and asks again whenever 100 ms have brought no answer.
Async<std::string> ask(const UdpSocket& socket, std::string_view question) {
  std::array<std::byte, 100> buffer{};
  while (true) {
    (void)co_await socket.send(as_bytes(question));
    auto receiving = socket.recv(buffer);
    const auto got = co_await nara::time::timeout(100ms, receiving);
    if (got && *got) co_return std::string(nara::io::as_text(buffer).substr(0, (*got)->size));
  }
}
// [/ask]

// [ask_by_number]
/// The same, but it knows its answer by a number: "2 what time is it?" is answered by "2 noon".
Async<std::string> ask_by_number(const UdpSocket& socket, std::string_view question) {
  static int last = 0;
  const std::string number = std::to_string(++last) + " ";
  const std::string numbered = number + std::string(question);
  const nara::time::Instant start = nara::time::now();
  for (auto deadline = start + 100ms;; deadline += 100ms) {
    (void)co_await socket.send(as_bytes(numbered));
    while (true) {
      std::array<std::byte, 100> buffer{};
      auto receiving = socket.recv(buffer);
      const auto got = co_await nara::time::timeout_at(deadline, receiving);
      if (!got) break;  // It is time to ask again.
      if (!*got) continue;
      std::string answer(nara::io::as_text(buffer).substr(0, (*got)->size));
      if (answer.starts_with(number)) co_return answer.substr(number.size());
    }
  }
}
// [/ask_by_number]

/// What somebody who is asked knows.
std::string answer_to(std::string_view question) {
  if (question.ends_with("weather?")) return "rain";
  if (question.ends_with("time?")) return "noon";
  return "I do not know";
}

/// Loses the first question. Answers all others, but needs 150 ms for the one behind that.
Async<> oracle(UdpSocket socket, bool has_numbers) {
  std::array<std::byte, 100> buffer{};
  for (int i = 0;; ++i) {
    const auto got = co_await socket.recv_from(buffer);
    if (!got) co_return;
    const std::string question(nara::io::as_text(buffer).substr(0, got->size));
    std::string answer = answer_to(question);
    if (has_numbers) answer.insert(0, question.substr(0, question.find(' ') + 1));
    if (i == 0) continue;
    if (i == 1) co_await nara::time::sleep(150ms);
    (void)co_await socket.send_to(as_bytes(answer), got->from);
  }
}

using Ask = Async<std::string> (*)(const UdpSocket&, std::string_view);

Async<> talk(const char* how, Ask ask_it, bool has_numbers) {
  std::printf("%s\n", how);
  auto other = co_await UdpSocket::bind("127.0.0.1:0");
  const SocketAddr address = other->local_addr().value();
  const auto oracle_task = nara::spawn(oracle(*std::move(other), has_numbers));
  const auto socket = co_await UdpSocket::bind("127.0.0.1:0");
  (void)co_await socket->connect(address);
  const nara::time::Instant start = nara::time::now();
  for (const std::string_view question : {"weather?", "time?"}) {
    const std::string answer = co_await ask_it(*socket, question);
    std::printf("  %4d ms: %s %s\n", ms_since(start), std::string(question).c_str(),
                answer.c_str());
  }
  oracle_task.abort();
}

Async<> both() {
  co_await talk("whatever comes is the answer", ask, false);
  co_await talk("the answer has the question's number", ask_by_number, true);
}

}  // namespace

int main() { run_paused_with_sockets(both); }
