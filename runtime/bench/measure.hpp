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

/// The main function of a peer: `PROGRAM list` prints the names of its rows, `PROGRAM ROW OPS`
/// measures one. Both print a line of JSON.
inline int run(std::span<char*> arguments, std::span<const Row> rows) {
  // Up to the first thread, glibc locks without atomics. Runtimes are seldom that alone.
  std::thread([] {}).join();
  if (arguments.size() == 2 && std::string_view(arguments[1]) == "list") {
    for (const char* separator = "["; const Row& row : rows) {
      std::printf("%s\"%s\"", separator, row.name);
      separator = ", ";
    }
    std::puts("]");
    return 0;
  }
  if (arguments.size() == 3) {
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
  std::fprintf(stderr, "usage: %s list | %s ROW OPS, a multiple of %ju\n", arguments[0],
               arguments[0], static_cast<std::uintmax_t>(kBatch));
  return 2;
}

}  // namespace bench
