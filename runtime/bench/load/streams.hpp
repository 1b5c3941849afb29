// Connections with a server: each has one message on its way.
#pragma once

#include <sys/epoll.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "../descriptors.hpp"
#include "server.hpp"
#include "talk.hpp"

namespace load {

class Streams {
 public:
  Streams(const Server& server, Talk talk) : server_(server), talk_(std::move(talk)) {
    bench::check(epoll_, "epoll_create1()");
  }

  /// Makes so many more connections, and waits until the server has accepted them.
  void open(std::size_t count);

  /// `ops` round trips: each connection has one message on its way, all the time.
  void exchange(std::uint64_t ops, Latencies& latencies);

  /// All round trips that were made.
  std::uint64_t trips() const noexcept { return begun_; }

 private:
  struct Stream {
    int socket;
    std::string_view expected;  ///< What is still to come.
    Clock::time_point sent;
  };

  void send(Stream& stream);
  /// Has all of the reply come?
  bool receive(Stream& stream);

  const Server& server_;
  const Talk talk_;
  const int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<Stream> streams_;
  std::vector<char> buffer_ = std::vector<char>(std::size_t{64} * 1024);
  std::uint64_t begun_ = 0;
};

}  // namespace load
