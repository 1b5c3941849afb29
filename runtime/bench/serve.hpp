// What the servers of the peers in C++ have in common: how they begin and end, and the little that
// they have to know of HTTP.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <thread>

namespace bench {

/// What a read may take, in all servers.
inline constexpr std::size_t kRoom = 16 * 1024;

/// How many packets are taken at once, where that is more than one.
inline constexpr std::size_t kPackets = 32;

/// Tells where this program serves, and ends it when its standard input ends: it never outlives who
/// has started it.
inline void announce(std::uint16_t port) {
  std::printf("%u\n", port);
  std::fflush(stdout);
  std::thread([] {
    char byte = 0;
    while (::read(STDIN_FILENO, &byte, 1) > 0) {
    }
    ::_exit(0);
  }).detach();
}

/// What each request is answered with.
inline constexpr std::string_view kHello =
    "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, world!";

/// Finds the requests of a connection. They have no body, so each ends with its header, which is an
/// empty line. Several may come at once, and one in pieces.
class Requests {
 public:
  /// How many end in these bytes, which follow those of the last call.
  std::size_t count(std::string_view bytes) noexcept {
    static constexpr std::string_view kEnd = "\r\n\r\n";
    std::size_t found = 0;
    for (const char byte : bytes) {
      seen_ = byte == kEnd[seen_] ? seen_ + 1 : std::uint32_t{byte == kEnd[0]};
      if (seen_ == kEnd.size()) {
        seen_ = 0;
        ++found;
      }
    }
    return found;
  }

 private:
  std::uint32_t seen_ = 0;  ///< So much of the end has come.
};

}  // namespace bench
