// Sends messages on many connections, and looks at what comes back.
#include "streams.hpp"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace load {

void Streams::open(std::size_t count) {
  constexpr std::size_t kLine = 256;  // Far fewer than may wait to be accepted.
  constexpr int kYes = 1;
  // Why: closed with a reset, a connection leaves nothing behind. Thousands in TIME_WAIT would be
  // in the way of the next run.
  constexpr linger kReset{.l_onoff = 1, .l_linger = 0};
  for (std::size_t i = 1; i <= count; ++i) {
    const int socket = server_.connect(SOCK_STREAM);
    bench::check(::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &kYes, sizeof kYes), "TCP_NODELAY");
    bench::check(::setsockopt(socket, SOL_SOCKET, SO_LINGER, &kReset, sizeof kReset), "SO_LINGER");
    epoll_event event{.events = EPOLLIN, .data = {.u64 = streams_.size()}};
    bench::check(::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event), "epoll_ctl()");
    streams_.push_back({.socket = socket, .expected = {}, .sent = {}});
    if (i % kLine != 0 && i != count) continue;
    // They are accepted in their order. So when this one has its answer, all have been.
    send(streams_.back());
    while (!receive(streams_.back())) {
    }
  }
}

void Streams::exchange(std::uint64_t ops, Latencies& latencies) {
  const std::uint64_t last = begun_ + ops;
  for (Stream& stream : streams_) {
    if (begun_ < last) send(stream);
  }
  std::array<epoll_event, 1024> events{};
  for (std::uint64_t done = 0; done < ops;) {
    const int found =
        ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), kPatience);
    if (found <= 0) fail("The server does not answer.");
    for (const epoll_event& event : std::span(events).first(static_cast<std::size_t>(found))) {
      Stream& stream = streams_[event.data.u64];
      if (!receive(stream)) continue;
      latencies.push_back(microseconds(Clock::now() - stream.sent));
      ++done;
      if (begun_ < last) send(stream);
    }
  }
}

void Streams::send(Stream& stream) {
  const Message message = talk_(begun_++);
  stream.expected = message.reply;
  stream.sent = Clock::now();
  // It blocks, and still nobody waits for ever: this side's buffer has room for the whole reply.
  const auto size =
      ::send(stream.socket, message.request.data(), message.request.size(), MSG_NOSIGNAL);
  if (size != static_cast<ssize_t>(message.request.size()))
    fail("The server did not take a message.");
}

bool Streams::receive(Stream& stream) {
  const auto size = ::recv(stream.socket, buffer_.data(), buffer_.size(), 0);
  if (size <= 0) fail("The server has ended a connection, or does not answer.");
  const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(size));
  if (!stream.expected.starts_with(bytes)) fail("The server gave a wrong answer.");
  stream.expected.remove_prefix(bytes.size());
  return stream.expected.empty();
}

}  // namespace load
