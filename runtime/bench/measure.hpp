// Clocks, counters and arguments: what all rows of the peers in C++ have in common.
#pragma once

#include <malloc.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <span>
#include <string_view>
#include <thread>
#include <utility>

namespace bench {

/// Tasks that are spawned together. The number of operations is a multiple of it.
inline constexpr std::uint64_t kBatch = 1000;

/// What is done before the clock starts, so that caches and pools are warm.
constexpr std::uint64_t warm_up(std::uint64_t ops) {
  return std::max(kBatch, ops / 10 / kBatch * kBatch);
}

/// The time that all threads of this process had on a CPU.
inline double cpu_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

/// What has been allocated and not freed.
inline double heap_bytes() {
  const auto info = mallinfo2();
  return static_cast<double>(info.uordblks) + static_cast<double>(info.hblkhd);
}

/// Makes the compiler believe that somebody looks at `value`.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

/// Something that is measured: its name, and what one operation costs when there are so many.
struct Row {
  const char* name;
  double (*measure)(std::uint64_t ops);
};

/// Something that answers others, until its standard input ends. See serve.hpp.
struct Server {
  const char* name;
  void (*serve)();
};

/// The main function of a peer: `PROGRAM list` prints the names of its rows, and `serve NAME` for
/// each server; `PROGRAM ROW OPS` measures a row. Both print a line of JSON.
inline int run(std::span<char*> arguments, std::span<const Row> rows,
               std::span<const Server> servers) {
  // Up to the first thread, glibc locks without atomics. Runtimes are seldom that alone.
  std::thread([] {}).join();
  if (arguments.size() == 2 && std::string_view(arguments[1]) == "list") {
    const char* separator = "[";
    const auto print = [&](const char* kind, const char* name) {
      std::printf("%s\"%s%s\"", std::exchange(separator, ", "), kind, name);
    };
    for (const Row& row : rows) print("", row.name);
    for (const Server& server : servers) print("serve ", server.name);
    std::puts("]");
    return 0;
  }
  if (arguments.size() == 3 && std::string_view(arguments[1]) == "serve") {
    const auto server = std::ranges::find(servers, std::string_view(arguments[2]), &Server::name);
    if (server != servers.end()) {
      server->serve();
      return 0;
    }
  } else if (arguments.size() == 3) {
    const std::string_view count(arguments[2]);
    const auto row = std::ranges::find(rows, std::string_view(arguments[1]), &Row::name);
    std::uint64_t ops = 0;
    std::from_chars(count.data(), count.data() + count.size(), ops);
    if (row != rows.end() && ops > 0 && ops % kBatch == 0) {
      const double value = row->measure(ops);
      std::printf("{\"row\": \"%s\", \"ops\": %ju, \"value\": %.3f}\n", arguments[1],
                  static_cast<std::uintmax_t>(ops), value);
      return 0;
    }
  }
  std::fprintf(stderr, "usage: %s list | serve SERVER | ROW OPS, a multiple of %ju\n", arguments[0],
               static_cast<std::uintmax_t>(kBatch));
  return 2;
}

}  // namespace bench
