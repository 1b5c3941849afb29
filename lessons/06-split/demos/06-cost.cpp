// What a thousand short lines cost, with buffers and without.
#include <array>
#include <cstdint>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/counters.hpp>
#include <nara/current.hpp>
#include <nara/io/buf_reader.hpp>
#include <nara/io/write.hpp>
#include <nara/main.hpp>
#include <string_view>

#include "tcp_pair.hpp"

using nara::Async;
using nara::io::BufReader;
using nara::io::BufWriter;
using nara::io::write_all;

namespace {

constexpr int kLines = 1000;
constexpr std::string_view kLine = "a line of text\n";

std::uint64_t calls() { return nara::Current::counters()->system_calls; }

template <class Writer>
Async<> write_lines(Writer& writer) {
  for (int line = 0; line < kLines; ++line) (void)co_await write_all(writer, kLine);
  (void)co_await writer.flush();
}

/// One byte after the other, as one looks for the end of a line without a buffer.
template <class Reader>
Async<> read_lines(Reader& reader) {
  std::array<std::byte, 1> byte{};
  int lines = 0;
  while (lines < kLines) {
    (void)co_await reader.read(byte);
    if (byte[0] == std::byte{'\n'}) ++lines;
  }
}

/// How many system calls a line has cost.
template <class F>
Async<double> cost(F work) {
  const std::uint64_t before = calls();
  co_await work;
  co_return static_cast<double>(calls() - before) / kLines;
}

Async<> measure() {
  Pair pair = co_await connected();
  const double write = co_await cost(write_lines(pair.client));
  const double read = co_await cost(read_lines(pair.server));
  BufWriter writer(pair.client);
  BufReader reader(pair.server);
  const double buffered_write = co_await cost(write_lines(writer));
  const double buffered_read = co_await cost(read_lines(reader));
  std::printf("system calls a line       write     read\n");
  std::printf("to and from the stream   %6.3f   %6.3f\n", write, read);
  std::printf("with buffers             %6.3f   %6.3f\n", buffered_write, buffered_read);
}

}  // namespace

int main() { return nara::main(measure); }
