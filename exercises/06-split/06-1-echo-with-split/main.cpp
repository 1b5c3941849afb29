// The server at port 7002, to be talked to.
#include <cstdio>
#include <echo.hpp>
#include <nara/main.hpp>

namespace {

using nara::Async;
using nara::io::Result;
using nara::net::TcpListener;

constexpr const char* kAddress = "127.0.0.1:7002";

Async<Result<void>> open() {
  Result<TcpListener> listener = co_await TcpListener::bind(kAddress);
  if (!listener) {
    std::printf("Nobody can listen at %s:\n", kAddress);
    co_return std::unexpected(listener.error());
  }
  std::printf("I listen at %s, until Ctrl-C.\n", kAddress);
  std::fflush(stdout);
  const Result<void> ended = co_await serve(*std::move(listener));
  co_return ended;
}

}  // namespace

int main() { return nara::main(open); }
