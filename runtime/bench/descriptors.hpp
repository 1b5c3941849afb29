// Pipes, and descriptors on which nothing happens: what the rows about input and output of the
// peers in C++ have in common.
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace bench {

/// How many descriptors are idle in a row about these, where the machine allows so many.
inline constexpr std::size_t kIdle = 10'000;

/// What a read may take. It is more than what is ever there, so that a read which takes less knows
/// that nothing is left.
inline constexpr std::size_t kBuffer = 64;

/// Ends the program when a system call has failed.
inline void check(int answer, const char* call) {
  if (answer != -1) return;
  std::perror(call);
  std::exit(1);
}

/// A pipe: where to read, and where to write. Neither end blocks.
inline std::array<int, 2> open_pipe() {
  std::array<int, 2> ends{};
  check(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), "pipe2()");
  return ends;
}

/// Sockets, connected in pairs, on which nobody writes. `kIdle`, or as many as this process may
/// have; then it says so.
inline std::vector<int> open_idle() {
  constexpr std::size_t kOthers = 50;  // What else is open, rather too much.
  rlimit limit{};
  check(::getrlimit(RLIMIT_NOFILE, &limit), "getrlimit()");
  limit.rlim_cur = limit.rlim_max;
  check(::setrlimit(RLIMIT_NOFILE, &limit), "setrlimit()");
  const std::size_t count = std::min<std::size_t>(kIdle, limit.rlim_max - kOthers) / 2 * 2;
  if (count < kIdle)
    std::fprintf(stderr, "Only %zu descriptors are idle: see ulimit -Hn.\n", count);
  std::vector<int> sockets(count);
  for (std::size_t i = 0; i < count; i += 2) {
    check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, &sockets[i]),
          "socketpair()");
  }
  return sockets;
}

}  // namespace bench
