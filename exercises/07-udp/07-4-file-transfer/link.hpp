// Given: a link that loses packets, doubles them, and lets them overtake each other. What becomes
// of each follows from a seed: the same seed, the same troubles.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <nara/async.hpp>
#include <nara/io/result.hpp>
#include <nara/net/datagram.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/mpsc.hpp>
#include <nara/time/clock.hpp>
#include <nara/time/sleep.hpp>
#include <optional>
#include <packet.hpp>
#include <random>
#include <span>
#include <utility>
#include <vector>

/// When the copies of a packet arrive, from now on: none if it is lost, two if it is doubled.
using Fate = std::vector<nara::time::Duration>;
using Fates = std::function<Fate(View packet)>;

/// How bad a link is.
struct Weather {
  int lost = 0;     ///< Of a hundred packets, so many are lost,
  int doubled = 0;  ///< so many arrive twice,
  int late = 0;     ///< and so many arrive later, after others that were sent after them.
};

/// What became of all packets.
struct Troubles {
  int packets = 0;
  int lost = 0;
  int doubled = 0;
  int late = 0;
};

/// A link of 10 ms in that weather. It counts in `troubles`, which has to outlive it.
inline Fates bad_weather(Weather weather, unsigned seed, Troubles& troubles) {
  return [weather, random = std::minstd_rand(seed + 1), &troubles](View) mutable {
    using std::chrono::milliseconds;
    const auto happens = [&](int percent, int& count) {
      const bool is_so = static_cast<int>(random() % 100) < percent;
      count += is_so ? 1 : 0;
      return is_so;
    };
    ++troubles.packets;
    if (happens(weather.lost, troubles.lost)) return Fate{};
    milliseconds delay(10);
    if (happens(weather.late, troubles.late)) delay += milliseconds(1 + random() % 40);
    Fate fate{delay};
    if (happens(weather.doubled, troubles.doubled)) fate.push_back(delay + milliseconds(5));
    return fate;
  };
}

/// One end of a link within the program. It has what a connected `UdpSocket` has: `send()` and
/// `recv()`. It can be copied; one task at a time may receive.
class LinkEnd {
 public:
  /// Like `UdpSocket::send()`.
  nara::Async<nara::io::Result<std::size_t>> send(View packet) const {
    for (const nara::time::Duration after : there_->fates(packet)) {
      (void)nara::spawn(deliver(there_, Bytes(packet.begin(), packet.end()), after));
    }
    co_return packet.size();
  }

  /// Like `UdpSocket::recv()`. Cancel safe.
  nara::Async<nara::io::Result<nara::net::Received>> recv(std::span<std::byte> into) const {
    const std::optional<Bytes> packet = co_await here_->queue.second.recv();
    const std::size_t size = std::min(into.size(), packet->size());
    std::ranges::copy(std::span(*packet).first(size), into.begin());
    co_return nara::net::Received{size, size < packet->size()};
  }

  /// Two ends, and what becomes of the packets in each direction.
  static std::pair<LinkEnd, LinkEnd> link(Fates forth, Fates back) {
    const auto there = std::make_shared<Way>(std::move(forth));
    const auto here = std::make_shared<Way>(std::move(back));
    return {LinkEnd(there, here), LinkEnd(here, there)};
  }

 private:
  /// So many packets have room at the end of a way. Who is too slow loses the others.
  static constexpr std::size_t kRoom = 64;

  /// One direction.
  struct Way {
    explicit Way(Fates fates_of_it) : fates(std::move(fates_of_it)) {}

    Fates fates;
    std::pair<nara::sync::mpsc::Sender<Bytes>, nara::sync::mpsc::Receiver<Bytes>> queue =
        nara::sync::mpsc::channel<Bytes>(kRoom);
  };

  LinkEnd(std::shared_ptr<Way> there, std::shared_ptr<Way> here)
      : there_(std::move(there)), here_(std::move(here)) {}

  static nara::Async<> deliver(std::shared_ptr<Way> way, Bytes packet, nara::time::Duration after) {
    co_await nara::time::sleep(after);
    (void)way->queue.first.try_send(std::move(packet));
  }

  std::shared_ptr<Way> there_;
  std::shared_ptr<Way> here_;
};
