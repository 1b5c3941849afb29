// The program that is measured, seen from outside.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

#include "../descriptors.hpp"

namespace load {

/// Milliseconds after which a server that says nothing is given up.
inline constexpr int kPatience = 10'000;

/// Ends this program: what the server did was wrong.
[[noreturn]] inline void fail(const char* sentence) {
  std::fprintf(stderr, "%s\n", sentence);
  std::exit(1);
}

class Server {
 public:
  Server(pid_t process, std::uint16_t port) : process_(process), port_(port) {
    if (::clock_getcpuclockid(process, &clock_) != 0) fail("There is no such process.");
  }

  /// A socket that is connected with it, and blocks. What is received on it must come in time.
  int connect(int type) const {
    const int made = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
    bench::check(made, "socket()");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // Safe because: that is how sockets want their addresses.
    const auto* const place = reinterpret_cast<const sockaddr*>(&address);
    bench::check(::connect(made, place, sizeof address), "connect()");
    constexpr timeval kLimit{.tv_sec = kPatience / 1000, .tv_usec = 0};
    bench::check(::setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &kLimit, sizeof kLimit),
                 "SO_RCVTIMEO");
    return made;
  }

  /// The time that all its threads had on a CPU.
  double cpu_nanoseconds() const {
    timespec now{};
    bench::check(::clock_gettime(clock_, &now), "clock_gettime()");
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
  }

  /// The memory that is its own: not a file's, and not the kernel's for its sockets.
  double memory_bytes() const {
    std::ifstream status("/proc/" + std::to_string(process_) + "/status");
    for (std::string line; std::getline(status, line);) {
      unsigned long kilobytes = 0;
      if (std::sscanf(line.c_str(), "RssAnon: %lu", &kilobytes) == 1)
        return static_cast<double>(kilobytes) * 1024;
    }
    fail("/proc does not say how much memory the server has.");
  }

 private:
  pid_t process_;
  std::uint16_t port_;
  clockid_t clock_ = 0;
};

}  // namespace load
