// The store at port 7007, or at the port that is given.
#include <cstdio>
#include <nara/main.hpp>
#include <store.hpp>
#include <string>

namespace {

using nara::Async;
using nara::io::Result;
using nara::net::TcpListener;

Async<Result<void>> open(std::string address) {
  Result<TcpListener> listener = co_await TcpListener::bind(address);
  if (!listener) {
    std::printf("Nobody can listen at %s:\n", address.c_str());
    co_return std::unexpected(listener.error());
  }
  const std::string where = listener->local_addr().value().to_string();
  std::printf("The store is at %s, until Ctrl-C.\n", where.c_str());
  std::fflush(stdout);
  const Result<void> ended = co_await serve(*std::move(listener));
  co_return ended;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string port = count > 1 ? arguments[1] : "7007";
  return nara::main(open, "127.0.0.1:" + port);
}
