// A proxy at port 7008, in front of a server at port 7006: that of 05-6.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/io/result.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/runtime.hpp>
#include <programs/ctrl_c.hpp>
#include <programs/listen.hpp>
#include <proxy.hpp>
#include <string>
#include <utility>

namespace {

using nara::Async;
using nara::io::Result;
using nara::net::SocketAddr;
using nara::net::TcpListener;

const char* in_words(proxy::End end) {
  switch (end) {
    case proxy::End::kComplete:
      return "complete";
    case proxy::End::kBroken:
      return "broken";
    case proxy::End::kIdle:
      return "idle for too long";
    case proxy::End::kNobodyThere:
      return "the server is not there";
    case proxy::End::kCutOff:
      return "cut off";
  }
  return "?";
}

void print(const proxy::Record& record) {
  std::printf("#%d from %s: %ju bytes up, %ju down, %s\n", record.number,
              record.client.to_string().c_str(), static_cast<std::uintmax_t>(record.traffic.up),
              static_cast<std::uintmax_t>(record.traffic.down), in_words(record.end));
}

Async<Result<void>> stand_before(SocketAddr server, std::string port) {
  Result<TcpListener> listener = co_await programs::listen(port, "I listen at");
  if (!listener) co_return std::unexpected(listener.error());
  std::printf("What comes goes on to %s.\n", server.to_string().c_str());
  const proxy::Limits limits;
  const proxy::Log log = print;
  co_await proxy::serve(*std::move(listener), server, programs::ctrl_c(), limits, log);
  co_return Result<void>();
}

}  // namespace

/// The port may be given, and the address of the server.
int main(int count, char** arguments) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::string port = count > 1 ? arguments[1] : "7008";
  const std::string upstream = count > 2 ? arguments[2] : "127.0.0.1:7006";
  const auto server = SocketAddr::parse(upstream);
  if (!server) {
    std::printf("%s is no address of a server: I need one such as 127.0.0.1:7006.\n",
                upstream.c_str());
    return 2;
  }
  programs::block_ends();
  const Result<void> done = nara::Runtime::create().value().block_on(stand_before(*server, port));
  if (!done) std::printf("%s\n", done.error().message().c_str());
  return done ? 0 : 1;
}
