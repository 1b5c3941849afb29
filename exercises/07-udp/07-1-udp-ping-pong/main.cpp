// Two sockets, A and B. A pings B many times, and says how long it took. Then B goes on answering,
// at port 7071, or at the port that is given.
#include <chrono>
#include <cstdio>
#include <nara/main.hpp>
#include <nara/spawn.hpp>
#include <ping.hpp>
#include <string>
#include <utility>

namespace {

using nara::Async;
using nara::io::Result;
using nara::net::UdpSocket;

constexpr int kPings = 10'000;
constexpr std::chrono::seconds kLimit(1);

double microseconds(nara::time::Duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

Async<Result<void>> answer_all(UdpSocket socket) {
  const Result<void> ended = co_await answer(socket);
  co_return ended;
}

Async<Result<Pings>> ask(nara::net::SocketAddr where) {
  const Result<UdpSocket> a = co_await UdpSocket::bind("127.0.0.1:0");
  if (!a) co_return std::unexpected(a.error());
  const Result<void> connected = co_await a->connect(where);
  if (!connected) co_return std::unexpected(connected.error());
  Result<Pings> pings = co_await ping_many(*a, kPings, kLimit);
  co_return pings;
}

Async<Result<void>> play(std::string address) {
  Result<UdpSocket> b = co_await UdpSocket::bind(address);
  if (!b) {
    std::printf("Nobody can listen at %s:\n", address.c_str());
    co_return std::unexpected(b.error());
  }
  const nara::net::SocketAddr where = b->local_addr().value();
  auto answering = nara::spawn(answer_all(*std::move(b)));
  const Result<Pings> pings = co_await ask(where);
  if (!pings) co_return std::unexpected(pings.error());
  std::printf("A has pinged B %d times:\n", kPings);
  if (!pings->times.empty()) {
    std::printf("  minimum %7.1f us\n", microseconds(percentile(pings->times, 0)));
    std::printf("  median  %7.1f us\n", microseconds(percentile(pings->times, 50)));
    std::printf("  p99     %7.1f us\n", microseconds(percentile(pings->times, 99)));
  }
  std::printf("  lost    %5d\n", pings->lost);
  std::printf("B goes on answering at %s, until Ctrl-C.\n", where.to_string().c_str());
  std::fflush(stdout);
  auto ended = co_await answering;
  co_return std::move(ended).value();
}

}  // namespace

int main(int count, char** arguments) {
  const std::string port = count > 1 ? arguments[1] : "7071";
  return nara::main(play, "127.0.0.1:" + port);
}
