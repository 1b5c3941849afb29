// Sends packets, and looks at what comes back.
#include "packets.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace load {

Packets::Packets(const Server& server, Talk talk, std::size_t window)
    : talk_(std::move(talk)),
      socket_(server.connect(SOCK_DGRAM)),
      out_(window),
      in_(window),
      received_(window * bench::kRoom),
      sent_(window) {
  for (std::size_t i = 0; i < window; ++i)
    in_.places[i] = {.iov_base = &received_[i * bench::kRoom], .iov_len = bench::kRoom};
}

void Packets::exchange(std::uint64_t ops, Latencies& latencies) {
  const std::uint64_t last = begun_ + ops;
  send(std::min(sent_.size(), ops));
  while (done_ < last) {
    const std::size_t received = receive(latencies);
    send(std::min(received, last - begun_));
  }
}

void Packets::send(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view request = talk_(begun_).request;
    // Safe because: what is sent is only read.
    out_.places[i] = {.iov_base = const_cast<char*>(request.data()), .iov_len = request.size()};
    sent_[begun_++ % sent_.size()] = Clock::now();
  }
  for (std::size_t gone = 0; gone < count;) {
    const auto rest = static_cast<unsigned>(count - gone);
    const int more = ::sendmmsg(socket_, &out_.headers[gone], rest, 0);
    bench::check(more, "sendmmsg()");
    gone += static_cast<std::size_t>(more);
  }
}

std::size_t Packets::receive(Latencies& latencies) {
  const auto room = static_cast<unsigned>(in_.headers.size());
  const int found = ::recvmmsg(socket_, in_.headers.data(), room, MSG_WAITFORONE, nullptr);
  if (found <= 0) fail("A packet was lost, or the server does not answer.");
  for (std::size_t i = 0; i < static_cast<std::size_t>(found); ++i) {
    const std::string_view got(&received_[i * bench::kRoom], in_.headers[i].msg_len);
    if (got != talk_(done_).reply) fail("The server gave a wrong answer, or lost a packet.");
    latencies.push_back(microseconds(Clock::now() - sent_[done_++ % sent_.size()]));
  }
  return static_cast<std::size_t>(found);
}

}  // namespace load
