// The server at port 7001, to be talked to. When it is ended, it says how many have come and gone.
#include <counter.hpp>
#include <cstdio>
#include <nara/main.hpp>

namespace {

using nara::Async;
using nara::io::Result;
using nara::net::TcpListener;

constexpr const char* kAddress = "127.0.0.1:7001";

Counters counters;  // It outlives the tasks that count.

Async<Result<void>> open() {
  Result<TcpListener> listener = co_await TcpListener::bind(kAddress);
  if (!listener) {
    std::printf("Nobody can listen at %s:\n", kAddress);
    co_return std::unexpected(listener.error());
  }
  std::printf("I listen at %s, until Ctrl-C.\n", kAddress);
  std::fflush(stdout);
  const Result<void> ended = co_await serve(*std::move(listener), counters);
  co_return ended;
}

}  // namespace

int main() {
  const int code = nara::main(open);
  if (counters.opened > 0) {
    std::printf("%d came, %d left, %d were here to the end\n", counters.opened.load(),
                counters.closed.load(), counters.active());
  }
  return code;
}
