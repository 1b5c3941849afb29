// A hundred datagrams, and how often the kernel is entered for them.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/counters.hpp>
#include <nara/current.hpp>
#include <nara/main.hpp>
#include <nara/net/udp_socket.hpp>
#include <span>
#include <vector>

using nara::Async;
using nara::net::Datagram;
using nara::net::RecvBatch;
using nara::net::SocketAddr;
using nara::net::UdpSocket;

namespace {

constexpr std::size_t kMany = 100;
constexpr std::size_t kSize = 500;  // bytes

const std::array<std::byte, kMany * kSize> kStory{};

std::uint64_t calls() { return nara::Current::counters()->system_calls; }

// [one]
Async<> one_by_one(const UdpSocket& from, const UdpSocket& to, SocketAddr address) {
  std::array<std::byte, kSize> buffer{};
  for (std::size_t i = 0; i < kMany; ++i) {
    const auto piece = std::span(kStory).subspan(i * kSize, kSize);
    (void)co_await from.send_to(piece, address);
  }
  for (std::size_t i = 0; i < kMany; ++i) (void)co_await to.recv_from(buffer);
}
// [/one]

// [batch]
Async<> in_batches(const UdpSocket& from, const UdpSocket& to, SocketAddr address) {
  std::vector<Datagram> all;
  for (std::size_t i = 0; i < kMany; ++i) {
    all.push_back({.bytes = std::span(kStory).subspan(i * kSize, kSize), .peer = address});
  }
  for (std::span<const Datagram> left = all; !left.empty();) {
    const auto sent = co_await from.send_batch(left);
    if (!sent) co_return;
    left = left.subspan(*sent);
  }
  RecvBatch batch(64, kSize);
  for (std::size_t received = 0; received < kMany;) {
    const auto count = co_await to.recv_batch(batch);
    if (!count) co_return;
    received += *count;
  }
}
// [/batch]

// [segments]
Async<> as_segments(const UdpSocket& from, const UdpSocket& to, SocketAddr address) {
  const auto half = std::span(kStory).first(kStory.size() / 2);
  const Datagram fifty{.bytes = half, .peer = address, .segment = kSize};
  const std::array<Datagram, 2> all{fifty, fifty};
  (void)co_await from.send_batch(all);

  RecvBatch batch(64, UdpSocket::kMostBytes);
  for (std::size_t received = 0; received < kMany;) {
    const auto count = co_await to.recv_batch(batch);
    if (!count) co_return;
    for (const Datagram& some : batch) {
      received += some.segment == 0 ? 1 : (some.bytes.size() + some.segment - 1) / some.segment;
    }
  }
}
// [/segments]

using Way = Async<> (*)(const UdpSocket&, const UdpSocket&, SocketAddr);

Async<> measure(const char* how, Way way, bool gro = false) {
  const auto from = co_await UdpSocket::bind("127.0.0.1:0");
  const auto to = co_await UdpSocket::bind("127.0.0.1:0");
  const SocketAddr address = to->local_addr().value();
  (void)to->set_gro(gro);
  const std::uint64_t before = calls();
  co_await way(*from, *to, address);
  std::printf("%-14s %3d system calls\n", how, static_cast<int>(calls() - before));
}

Async<> all() {
  co_await measure("one by one", one_by_one);
  co_await measure("in batches", in_batches);
  co_await measure("as segments", as_segments, true);
}

}  // namespace

int main() { return nara::main(all); }
