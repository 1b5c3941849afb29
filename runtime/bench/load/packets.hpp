// Packets to a server: some are on their way all the time.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "server.hpp"
#include "talk.hpp"

namespace load {

/// What sendmmsg() and recvmmsg() take: where the bytes of each packet are. Many packets in one
/// call keep this program quicker than what it measures.
struct Batch {
  explicit Batch(std::size_t count) : places(count), headers(count) {
    for (std::size_t i = 0; i < count; ++i) {
      headers[i].msg_hdr.msg_iov = &places[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
  }

  std::vector<iovec> places;
  std::vector<mmsghdr> headers;  // They point to the places, which stay there when this is moved.
};

class Packets {
 public:
  /// `window` packets are on their way at once.
  Packets(const Server& server, Talk talk, std::size_t window);

  /// `ops` packets there and back.
  void exchange(std::uint64_t ops, Latencies& latencies);

  /// All packets that were sent.
  std::uint64_t trips() const noexcept { return begun_; }

 private:
  void send(std::size_t count);
  std::size_t receive(Latencies& latencies);

  const Talk talk_;
  const int socket_;
  Batch out_;
  Batch in_;
  std::vector<char> received_;
  std::vector<Clock::time_point> sent_;  ///< When: those that are on their way, by their number.
  std::uint64_t begun_ = 0;
  std::uint64_t done_ = 0;
};

}  // namespace load
