// The server at port 7001, or at the port that is given, to be talked to. When it is ended, it says
// how many have come and gone.
#include <counter.hpp>
#include <cstdio>
#include <nara/main.hpp>
#include <string>

namespace {

using nara::Async;
using nara::io::Result;
using nara::net::TcpListener;

Counters counters;  // It outlives the tasks that count.

Async<Result<void>> open(std::string address) {
  Result<TcpListener> listener = co_await TcpListener::bind(address);
  if (!listener) {
    std::printf("Nobody can listen at %s:\n", address.c_str());
    co_return std::unexpected(listener.error());
  }
  const std::string where = listener->local_addr().value().to_string();
  std::printf("I listen at %s, until Ctrl-C.\n", where.c_str());
  std::fflush(stdout);
  const Result<void> ended = co_await serve(*std::move(listener), counters);
  co_return ended;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string port = count > 1 ? arguments[1] : "7001";
  const int code = nara::main(open, "127.0.0.1:" + port);
  if (counters.opened > 0) {
    std::printf("%d came, %d left, %d were here to the end\n", counters.opened.load(),
                counters.closed.load(), counters.active());
  }
  return code;
}
