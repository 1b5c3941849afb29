// A web server at port 7006. GET / says hello, and POST /echo gives back what it is sent.
#include <connection.hpp>
#include <nara/async.hpp>
#include <nara/io/result.hpp>
#include <nara/main.hpp>
#include <nara/net/tcp_listener.hpp>
#include <programs/listen.hpp>
#include <string>
#include <utility>

namespace {

using nara::Async;
using nara::io::Result;
using nara::net::TcpListener;

http::Response answer(const http::Request& request) {
  const bool is_get = request.method == "GET" || request.method == "HEAD";
  if (request.target == "/" && is_get) return {.body = "Hello from Nara.\n"};
  if (request.target == "/echo" && request.method == "POST") return {.body = request.body};
  if (request.target == "/" || request.target == "/echo") return http::error_page(405);
  return http::error_page(404);
}

Async<Result<void>> open(std::string port) {
  Result<TcpListener> listener = co_await programs::listen(port, "I listen at");
  if (!listener) co_return std::unexpected(listener.error());
  const http::Handler handler = answer;
  const http::Limits limits;
  const Result<void> ended = co_await http::serve(*std::move(listener), handler, limits);
  co_return ended;
}

}  // namespace

/// The port may be given.
int main(int count, char** arguments) {
  const std::string port = count > 1 ? arguments[1] : "7006";
  return nara::main(open, port);
}
