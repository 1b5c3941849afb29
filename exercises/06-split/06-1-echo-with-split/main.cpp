// The server at port 7002, or at the port that is given, to be talked to.
#include <echo.hpp>
#include <nara/main.hpp>
#include <programs/listen.hpp>
#include <string>

namespace {

using nara::Async;
using nara::io::Result;
using nara::net::TcpListener;

Async<Result<void>> open(std::string port) {
  Result<TcpListener> listener = co_await programs::listen(port, "I listen at");
  if (!listener) co_return std::unexpected(listener.error());
  const Result<void> ended = co_await serve(*std::move(listener));
  co_return ended;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string port = count > 1 ? arguments[1] : "7002";
  return nara::main(open, port);
}
