// Puts a load on a server, and says what that cost the server: bench.py runs it for each row about
// the network. It prints a line of JSON.
#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string_view>

#include "../descriptors.hpp"
#include "packets.hpp"
#include "server.hpp"
#include "streams.hpp"
#include "talk.hpp"

namespace {

using load::Clock;
using load::Latencies;
using load::Packets;
using load::Server;
using load::Streams;
using load::Talk;

/// What the command line says.
struct Order {
  const Server& server;
  std::size_t connections;  ///< Or packets that are on their way.
  std::size_t bytes;        ///< Of a message.
  std::uint64_t ops;
};

/// So many connections, or as many as this program and the server may have; then it says so.
std::size_t allowed(std::size_t connections) {
  constexpr std::size_t kOthers = 50;  // What else is open, rather too much.
  rlimit limit{};
  bench::check(::getrlimit(RLIMIT_NOFILE, &limit), "getrlimit()");
  if (connections + kOthers <= limit.rlim_cur) return connections;
  std::fprintf(stderr, "Only %zu connections, not %zu: see ulimit -Hn.\n",
               static_cast<std::size_t>(limit.rlim_cur) - kOthers, connections);
  return limit.rlim_cur - kOthers;
}

/// Exchanges messages, first as a warm-up, and prints what one of them cost.
template <class Client>
void time(Client& client, const Order& order) {
  Latencies latencies;
  latencies.reserve(order.ops);
  client.exchange(std::max<std::uint64_t>(order.ops / 10, order.connections), latencies);
  latencies.clear();

  const double start = order.server.cpu_nanoseconds();
  const auto begin = Clock::now();
  client.exchange(order.ops, latencies);
  const double wall = load::microseconds(Clock::now() - begin);
  const double value = (order.server.cpu_nanoseconds() - start) / static_cast<double>(order.ops);

  std::ranges::sort(latencies);
  const auto at = [&](std::size_t permille) {
    return latencies[(latencies.size() - 1) * permille / 1000];
  };
  std::printf(
      "{\"value\": %.3f, \"p50\": %.2f, \"p99\": %.2f, \"p999\": %.2f, "
      "\"per_second\": %.0f, \"trips\": %ju}\n",
      value, at(500), at(990), at(999), static_cast<double>(order.ops) / wall * 1e6,
      static_cast<std::uintmax_t>(client.trips()));
}

void talk_on_streams(const Order& order, Talk talk) {
  Streams streams(order.server, std::move(talk));
  streams.open(order.connections);
  time(streams, order);
}

void echo(const Order& order) { talk_on_streams(order, Talk::echo(order.bytes)); }
void http(const Order& order) { talk_on_streams(order, Talk::http()); }

void udp(const Order& order) {
  Packets packets(order.server, Talk::echo(order.bytes), order.connections);
  time(packets, order);
}

/// Prints the bytes that the server has for each connection on which nothing happens.
void idle(const Order& order) {
  Streams streams(order.server, Talk::echo(order.bytes));
  streams.open(1);  // Now there is what the first of all needs.
  const double before = order.server.memory_bytes();
  streams.open(order.connections);
  const double more = order.server.memory_bytes() - before;
  std::printf("{\"value\": %.3f}\n", more / static_cast<double>(order.connections));
}

struct Mode {
  std::string_view name;
  void (*run)(const Order& order);
};

constexpr Mode kModes[] = {{"echo", echo}, {"http", http}, {"udp", udp}, {"idle", idle}};

template <class T>
T number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) load::fail("That is no number.");
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  const std::string_view name = argc == 7 ? arguments[1] : "";
  const auto mode = std::ranges::find(kModes, name, &Mode::name);
  if (mode == std::end(kModes)) {
    std::fprintf(stderr, "usage: %s echo|http|udp|idle PID PORT CONNECTIONS BYTES OPS\n", argv[0]);
    return 2;
  }
  const Server server(number<pid_t>(arguments[2]), number<std::uint16_t>(arguments[3]));
  mode->run({.server = server,
             .connections = allowed(number<std::size_t>(arguments[4])),
             .bytes = number<std::size_t>(arguments[5]),
             .ops = number<std::uint64_t>(arguments[6])});
  return 0;
}
