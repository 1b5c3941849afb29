// What UDP costs a datagram: in nanoseconds, and in system calls. Takes a second.
#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/net/udp_socket.hpp>
#include <nara/reactor.hpp>
#include <nara/spawn.hpp>
#include <span>
#include <vector>

#include "../../03-reactor/demos/stopwatch.hpp"
#include "post.hpp"

using nara::Async;
using nara::net::Datagram;
using nara::net::RecvBatch;
using nara::net::UdpSocket;

namespace {

constexpr int kTimes = 6'400;       // of datagrams
constexpr std::size_t kGroup = 32;  // sent before they are received
constexpr std::size_t kSize = 64;   // bytes

nara::CurrentThread executor(nara::EpollDriver::open().value());
const std::array<std::byte, kGroup * kSize> kStory{};

/// Two sockets, each connected with the other.
struct Pair {
  UdpSocket from;
  UdpSocket to;
};

Async<Pair> connected() {
  auto from = co_await UdpSocket::bind("127.0.0.1:0");
  auto to = co_await UdpSocket::bind("127.0.0.1:0");
  (void)co_await from->connect(to->local_addr().value());
  (void)co_await to->connect(from->local_addr().value());
  co_return Pair{*std::move(from), *std::move(to)};
}

std::span<const std::byte> piece(std::size_t i) {
  return std::span(kStory).subspan(i % kGroup * kSize, kSize);
}

Async<> echo(UdpSocket socket) {
  std::array<std::byte, kSize> buffer{};
  while (true) {
    const auto got = co_await socket.recv(buffer);
    if (!got) co_return;
    const auto words = std::span(buffer).first(got->size);
    (void)co_await socket.send(words);
  }
}

/// Each row of the table is one of these: so many datagrams, from one socket to the other.
Async<> there_and_back() {
  Pair pair = co_await connected();
  const auto other = nara::spawn(echo(std::move(pair.to)));
  std::array<std::byte, kSize> buffer{};
  for (int i = 0; i < kTimes; ++i) {
    (void)co_await pair.from.send(piece(0));
    (void)co_await pair.from.recv(buffer);
  }
  other.abort();
}

/// Nothing but system calls.
Async<> by_hand() {
  const OwnedFd from = put_up_a_box();
  const OwnedFd to = put_up_a_box();
  (void)nara::sys::connect(from.fd(), address_of(to));
  std::array<std::byte, kSize> buffer{};
  for (int i = 0; i < kTimes; i += kGroup) {
    for (std::size_t j = 0; j < kGroup; ++j) (void)nara::sys::send(from.fd(), piece(j));
    for (std::size_t j = 0; j < kGroup; ++j) (void)nara::sys::recv(to.fd(), buffer);
  }
  co_return;
}

Async<> one_by_one() {
  const Pair pair = co_await connected();
  std::array<std::byte, kSize> buffer{};
  for (int i = 0; i < kTimes; i += kGroup) {
    for (std::size_t j = 0; j < kGroup; ++j) (void)co_await pair.from.send(piece(j));
    for (std::size_t j = 0; j < kGroup; ++j) (void)co_await pair.to.recv(buffer);
  }
}

Async<> in_batches() {
  const Pair pair = co_await connected();
  std::vector<Datagram> all;
  for (std::size_t i = 0; i < kGroup; ++i) all.push_back({.bytes = piece(i)});
  RecvBatch batch(kGroup, kSize);
  for (int i = 0; i < kTimes; i += kGroup) {
    (void)co_await pair.from.send_batch(all);
    (void)co_await pair.to.recv_batch(batch);
  }
}

/// One that the kernel cuts into pieces on their way out. With `gro`, it leaves them together.
Async<> as_segments(bool gro) {
  const Pair pair = co_await connected();
  (void)pair.to.set_gro(gro);
  const std::array<Datagram, 1> all{Datagram{.bytes = kStory, .segment = kSize}};
  RecvBatch batch(kGroup, kStory.size());
  for (int i = 0; i < kTimes; i += kGroup) {
    (void)co_await pair.from.send_batch(all);
    (void)co_await pair.to.recv_batch(batch);
  }
}

struct Row {
  const char* name;
  std::function<Async<>()> work;
  double calls = 0;
  std::array<double, 15> rounds{};  // nanoseconds

  void measure(double& round) {
    const auto before = executor.counters().system_calls;
    const Stopwatch stopwatch(CLOCK_PROCESS_CPUTIME_ID);
    executor.block_on(work());
    round = stopwatch.seconds() * 1e9 / kTimes;
    calls = static_cast<double>(executor.counters().system_calls - before) / kTimes;
  }
};

}  // namespace

int main() {
  std::array rows{
      Row{"there and back, between tasks", there_and_back},
      Row{"one by one, by hand", by_hand},
      Row{"one by one", one_by_one},
      Row{"32 at once", in_batches},
      Row{"32 at once, sent as segments", [] { return as_segments(false); }},
      Row{"the same, and received so", [] { return as_segments(true); }},
  };
  for (std::size_t round = 0; round < rows[0].rounds.size(); ++round) {
    for (Row& row : rows) row.measure(row.rounds[round]);
  }
  for (Row& row : rows) {
    std::ranges::sort(row.rounds);
    std::printf("%-30s %6.0f ns %6.2f system calls\n", row.name, row.rounds[row.rounds.size() / 2],
                row.calls);
  }
}
