// Asks a server of DNS for addresses. Without arguments, it asks a server of its own, which knows
// three names and does not hear well: nothing leaves this machine.
//
//   07-2.work.run 192.0.2.53:53 example.com …      asks that server for these names
//   07-2.work.run 7072                             lets the own server answer others, at that port
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <message.hpp>
#include <nara/async.hpp>
#include <nara/io/result.hpp>
#include <nara/main.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/net/udp_socket.hpp>
#include <nara/spawn.hpp>
#include <nara/time/pause.hpp>
#include <resolve.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using nara::Async;
using nara::io::Result;
using nara::net::SocketAddr;
using nara::net::UdpSocket;
using Texts = std::vector<std::string>;

/// What the own server knows: the last byte of 192.0.2.N.
const std::map<std::string, std::vector<int>, std::less<>> kKnown{
    {"nara.test", {7}}, {"two.test", {1, 2}}, {"empty.test", {}}};

/// The answer to a query, or nothing to what is none.
dns::Bytes answer_to(dns::View query) {
  dns::Reader reader(query);
  const auto header = dns::read_header(reader);
  if (!header || (header->flags & dns::kResponse) != 0 || header->questions != 1) return {};
  const auto question = dns::read_question(reader);
  if (!question) return {};
  const auto found = kKnown.find(question->name);
  const bool is_known = found != kKnown.end();
  const bool has_address = is_known && question->type == dns::kTypeA;
  const std::vector<int> addresses = has_address ? found->second : std::vector<int>();
  dns::Bytes message;
  dns::put_u16(message, header->id);
  dns::put_u16(message, is_known ? 0x8180 : 0x8180 | dns::kRcodeNoSuchName);
  dns::put_u16(message, 1);
  dns::put_u16(message, static_cast<std::uint16_t>(addresses.size()));
  dns::put_u16(message, 0);
  dns::put_u16(message, 0);
  const auto repeated = query.subspan(12, reader.at() - 12);
  message.insert(message.end(), repeated.begin(), repeated.end());
  for (const int last : addresses) {
    // The name as in the question, at byte 12; its type, class, seconds to live, and size.
    for (const int number : {0xc00c, int{dns::kTypeA}, int{dns::kClassIn}, 0, 60, 4}) {
      dns::put_u16(message, static_cast<std::uint16_t>(number));
    }
    for (const int byte : {192, 0, 2, last}) message.push_back(static_cast<std::byte>(byte));
  }
  return message;
}

/// Answers queries, but for each third one, the first among them.
Async<Result<void>> serve(UdpSocket socket) {
  std::array<std::byte, dns::kLongest> buffer;
  for (int number = 0;; ++number) {
    const auto got = co_await socket.recv_from(buffer);
    if (!got) co_return std::unexpected(got.error());
    const dns::Bytes reply = answer_to(std::span(buffer).first(got->size));
    if (reply.empty() || number % 3 == 0) continue;
    const auto sent = co_await socket.send_to(reply, got->from);
    if (!sent) co_return std::unexpected(sent.error());
  }
}

Async<Result<void>> ask(SocketAddr server, Texts names) {
  for (const std::string& name : names) {
    // A new port for each name: one thing more that nobody can guess.
    const std::string mine = server.ip().is_loopback() ? "127.0.0.1:0" : "0.0.0.0:0";
    const Result<UdpSocket> socket = co_await UdpSocket::bind(mine);
    if (!socket) co_return std::unexpected(socket.error());
    const nara::time::Instant start = nara::time::now();
    const dns::Answer answer = co_await dns::resolve(*socket, server, name);
    const auto ms = (nara::time::now() - start) / std::chrono::milliseconds(1);
    std::string text(answer ? "" : dns::to_text(answer.error()));
    if (answer) {
      for (const auto& address : *answer) text += address.to_string() + " ";
      if (answer->empty()) text = "has no address ";
      text.pop_back();
    }
    std::printf("%-12s %s, after %d s\n", name.c_str(), text.c_str(), static_cast<int>(ms / 1000));
    std::fflush(stdout);
  }
  co_return Result<void>();
}

Async<Result<UdpSocket>> open(std::string port) {
  Result<UdpSocket> socket = co_await UdpSocket::bind("127.0.0.1:" + port);
  if (!socket) co_return std::unexpected(socket.error());
  std::printf("A server of our own listens at %s.\n",
              socket->local_addr().value().to_string().c_str());
  std::fflush(stdout);
  co_return socket;
}

Async<Result<void>> run(Texts arguments) {
  const auto server = SocketAddr::parse(arguments.empty() ? "" : arguments.front());
  if (server) {
    Texts names(arguments.begin() + 1, arguments.end());
    const Result<void> asked = co_await ask(*server, std::move(names));
    co_return asked;
  }
  const std::string port = arguments.empty() ? "0" : arguments.front();
  Result<UdpSocket> socket = co_await open(port);
  if (!socket) co_return std::unexpected(socket.error());
  const SocketAddr where = socket->local_addr().value();
  auto serving = nara::spawn(serve(*std::move(socket)));
  if (arguments.empty()) {
    Texts names{"nara.test", "two.test", "empty.test", "nobody.test"};
    const Result<void> asked = co_await ask(where, std::move(names));
    co_return asked;
  }
  auto ended = co_await serving;
  co_return std::move(ended).value();
}

}  // namespace

int main(int count, char** arguments) {
  Texts texts(arguments + 1, arguments + count);
  return nara::main(run, std::move(texts));
}
