// A buffer makes small writes cheap. And it keeps what nobody told it to send.
#include <chrono>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/io/buf_reader.hpp>
#include <nara/io/duplex.hpp>
#include <nara/io/write.hpp>
#include <nara/main.hpp>
#include <nara/time/timeout.hpp>
#include <utility>

using nara::Async;
using nara::io::BufReader;
using nara::io::BufWriter;
using nara::io::DuplexStream;
using nara::io::write_all;
using namespace std::chrono_literals;

namespace {

/// What the other side gets, if it gets anything.
Async<> hear(DuplexStream& stream) {
  auto lines = nara::io::lines(BufReader(stream));
  const auto line = co_await nara::time::timeout(100ms, lines.next_line());
  std::printf("%s\n", line ? line->value()->c_str() : "(nothing)");
}

// [main]
Async<> greet() {
  auto [near, far] = nara::io::duplex(100);
  BufWriter writer(std::move(near));
  (void)co_await write_all(writer, "hello\n");
  co_await hear(far);
  (void)co_await writer.flush();
  co_await hear(far);
}
// [/main]

}  // namespace

int main() { return nara::main(greet); }
