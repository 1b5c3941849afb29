// A host with three addresses: one is silent, one refuses, and one answers.
#include <chrono>
#include <cstdio>
#include <eyeballs.hpp>
#include <map>
#include <nara/async.hpp>
#include <nara/io/result.hpp>
#include <nara/main.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_socket.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/time/pause.hpp>
#include <string>
#include <utility>
#include <vector>

namespace {

using nara::Async;
using nara::io::Result;
using nara::net::SocketAddr;
using nara::net::TcpListener;
using nara::net::TcpSocket;
using nara::net::TcpStream;

constexpr SocketAddr kAnyPort(nara::net::IpAddr::loopback_v4(), 0);

/// What the addresses are called, and how late it is.
struct Story {
  int ms() const {
    return static_cast<int>((nara::time::now() - start) / std::chrono::milliseconds(1));
  }

  std::map<SocketAddr, std::string> names;
  nara::time::Instant start = nara::time::now();
};

/// Tries an address, and says so.
struct Attempt {
  Story* story;

  Async<Result<TcpStream>> operator()(SocketAddr to) const {
    const std::string name = story->names[to];
    std::printf("%s: begun after %d ms\n", name.c_str(), story->ms());
    Result<TcpStream> stream = co_await TcpStream::connect(to);
    if (!stream) std::printf("%s: %s\n", name.c_str(), stream.error().message().c_str());
    co_return stream;
  }
};

Async<Result<void>> reach_host() {
  // Nobody accepts here, and the one place in the queue is taken: the kernel answers nobody else.
  TcpSocket socket = TcpSocket::new_v4().value();
  if (const auto bound = socket.bind(kAnyPort); !bound) co_return bound;
  const TcpListener silent = std::move(socket).listen(0).value();
  const SocketAddr silent_address = silent.local_addr().value();
  const Result<TcpStream> first_in_line = co_await TcpStream::connect(silent_address);
  if (!first_in_line) co_return std::unexpected(first_in_line.error());

  const Result<TcpListener> listener = co_await TcpListener::bind(kAnyPort);
  if (!listener) co_return std::unexpected(listener.error());
  const SocketAddr good = listener->local_addr().value();
  const SocketAddr nobody(nara::net::IpAddr::loopback_v6(), good.port());

  Story story;
  story.names = {{silent_address, "IPv4, silent"}, {nobody, "IPv6, refuses"}, {good, "IPv4, good"}};
  const std::vector<SocketAddr> given{silent_address, good, nobody};
  std::vector<SocketAddr> addresses = interleaved(given);
  const Attempt attempt{&story};
  const Result<TcpStream> stream = co_await connect_first(std::move(addresses), attempt);
  if (!stream) co_return std::unexpected(stream.error());
  const SocketAddr peer = stream->peer_addr().value();
  std::printf("%s: connected after %d ms\n", story.names[peer].c_str(), story.ms());
  co_return Result<void>();
}

}  // namespace

int main() { return nara::main(reach_host); }
