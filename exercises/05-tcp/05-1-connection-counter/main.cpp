// The server at port 7001, or at the port that is given, to be talked to. When it is ended, it says
// how many have come and gone.
#include <counter.hpp>
#include <cstdio>
#include <nara/main.hpp>
#include <programs/listen.hpp>
#include <string>

namespace {

using nara::Async;
using nara::io::Result;
using nara::net::TcpListener;

Counters counters;  // It outlives the tasks that count.

Async<Result<void>> open(std::string port) {
  Result<TcpListener> listener = co_await programs::listen(port, "I listen at");
  if (!listener) co_return std::unexpected(listener.error());
  const Result<void> ended = co_await serve(*std::move(listener), counters);
  co_return ended;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string port = count > 1 ? arguments[1] : "7001";
  const int code = nara::main(open, port);
  if (counters.opened > 0) {
    std::printf("%d came, %d left, %d were here to the end\n", counters.opened.load(),
                counters.closed.load(), counters.active());
  }
  return code;
}
