// Sends a file over real sockets of UDP on this machine, through a relay that behaves like a bad
// network. The seed of its troubles may be given, and a file of yours:
//
//   07-4.work.run 7 README.md
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <link.hpp>
#include <memory>
#include <nara/async.hpp>
#include <nara/io/result.hpp>
#include <nara/main.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/net/udp_socket.hpp>
#include <nara/spawn.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/sleep.hpp>
#include <packet.hpp>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <transfer.hpp>
#include <utility>

namespace {

using nara::Async;
using nara::io::Result;
using nara::net::SocketAddr;
using nara::net::UdpSocket;

constexpr Weather kWeather{.lost = 20, .doubled = 10, .late = 10};

/// What stands between the two. It sends to one what has come from the other.
struct Relay {
  UdpSocket socket;
  SocketAddr sender;
  SocketAddr receiver;
  Troubles troubles = {};
};
using Shared = std::shared_ptr<Relay>;

Async<> deliver(Shared relay, Bytes packet, SocketAddr to, nara::time::Duration after) {
  co_await nara::time::sleep(after);
  (void)co_await relay->socket.send_to(packet, to);
}

Async<> carry(Shared relay, unsigned seed) {
  Fates fates = bad_weather(kWeather, seed, relay->troubles);
  std::array<std::byte, kLongestPacket> buffer;
  while (true) {
    const auto got = co_await relay->socket.recv_from(buffer);
    if (!got) co_return;
    const View packet = std::span(buffer).first(got->size);
    const SocketAddr to = got->from == relay->sender ? relay->receiver : relay->sender;
    for (const nara::time::Duration after : fates(packet)) {
      (void)nara::spawn(deliver(relay, Bytes(packet.begin(), packet.end()), to, after));
    }
  }
}

/// A socket on this machine that is connected with `peer`.
Async<Result<UdpSocket>> connected_with(SocketAddr peer) {
  Result<UdpSocket> socket = co_await UdpSocket::bind("127.0.0.1:0");
  if (!socket) co_return std::unexpected(socket.error());
  const Result<void> connected = co_await socket->connect(peer);
  if (!connected) co_return std::unexpected(connected.error());
  co_return socket;
}

Async<Result<std::string>> receive(UdpSocket socket) {
  Result<std::string> file = co_await receive_file(socket);
  co_return file;
}

Async<Result<void>> transfer(std::string file, unsigned seed) {
  Result<UdpSocket> middle = co_await UdpSocket::bind("127.0.0.1:0");
  if (!middle) co_return std::unexpected(middle.error());
  const SocketAddr where = middle->local_addr().value();
  Result<UdpSocket> sender = co_await connected_with(where);
  Result<UdpSocket> receiver = co_await connected_with(where);
  if (!sender) co_return std::unexpected(sender.error());
  if (!receiver) co_return std::unexpected(receiver.error());
  const auto relay = std::make_shared<Relay>(
      Relay{*std::move(middle), sender->local_addr().value(), receiver->local_addr().value()});
  std::printf("%zu bytes, through a link that loses %d %% of all packets, doubles %d %%,\n",
              file.size(), kWeather.lost, kWeather.doubled);
  std::printf("and lets %d %% come late; seed %u\n", kWeather.late, seed);
  std::fflush(stdout);

  (void)nara::spawn(carry(relay, seed));
  const nara::time::Instant start = nara::time::now();
  auto receiving = nara::spawn(receive(*std::move(receiver)));
  const Result<int> sent = co_await send_file(*sender, file);
  const auto ms = (nara::time::now() - start) / std::chrono::milliseconds(1);
  auto done = co_await receiving;
  const Result<std::string> arrived = std::move(done).value();

  const Troubles& all = relay->troubles;
  std::printf("on the way, %d packets: %d lost, %d doubled, %d late\n", all.packets, all.lost,
              all.doubled, all.late);
  if (sent) {
    std::printf("sender:   %u packets, sent %d times, all acknowledged after %.1f s\n",
                count_packets(file), *sent, static_cast<double>(ms) / 1000);
  } else {
    std::printf("sender:   %s\n", sent.error().message().c_str());
  }
  if (!arrived) co_return std::unexpected(arrived.error());
  std::printf("receiver: %zu bytes, %s\n", arrived->size(),
              *arrived == file ? "the same" : "not the same");
  co_return Result<void>();
}

/// 300,000 bytes, no two KiB of which are the same.
std::string numbers() {
  std::string text;
  for (int number = 0; text.size() < 300'000; ++number) text += std::to_string(number) + "\n";
  text.resize(300'000);
  return text;
}

std::string contents(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::printf("There is no file %s.\n", path);
    std::exit(1);
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int count, char** arguments) {
  const unsigned seed = count > 1 ? static_cast<unsigned>(std::atoi(arguments[1])) : 1;
  std::string file = count > 2 ? contents(arguments[2]) : numbers();
  return nara::main(transfer, std::move(file), seed);
}
