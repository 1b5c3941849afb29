// A proxy at port 7008, in front of a server at port 7006: that of 05-6.
#include <sys/signalfd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/io/result.hpp>
#include <nara/net/socket_addr.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/owned_fd.hpp>
#include <nara/runtime.hpp>
#include <nara/sys/call.hpp>
#include <proxy.hpp>
#include <span>
#include <string>
#include <system_error>
#include <utility>

namespace {

using nara::Async;
using nara::AsyncFd;
using nara::OwnedFd;
using nara::io::Result;
using nara::net::SocketAddr;
using nara::net::TcpListener;

/// SIGINT and SIGTERM. Nothing comes of them while they are blocked, and so they can be waited for.
sigset_t ends() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  return signals;
}

/// Ready when somebody wants the program to end, as in 05-5. Who says so twice ends it at once.
Async<> ctrl_c() {
  const sigset_t signals = ends();
  const auto opened =
      nara::sys::call([&] { return ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK); });
  auto source = AsyncFd<OwnedFd>::try_new(OwnedFd(opened.value()), nara::io::Interest::kReadable);
  if (!source) throw std::system_error(source.error().cause);
  const auto take = [](const OwnedFd& from) {
    std::array<signalfd_siginfo, 1> signal{};
    return nara::sys::read(from.fd(), std::as_writable_bytes(std::span(signal)));
  };
  const auto taken = co_await source->async_io(nara::io::Interest::kReadable, take);
  (void)taken;
  ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  std::printf("\nI stop: nobody else comes in. Once more, and I end at once.\n");
}

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

Async<Result<void>> stand_before(SocketAddr server, std::string address) {
  Result<TcpListener> listener = co_await TcpListener::bind(address);
  if (!listener) {
    std::printf("Nobody can listen at %s: %s\n", address.c_str(),
                listener.error().message().c_str());
    co_return std::unexpected(listener.error());
  }
  const std::string where = listener->local_addr().value().to_string();
  std::printf("I listen at %s for %s, until Ctrl-C.\n", where.c_str(), server.to_string().c_str());
  const proxy::Limits limits;
  const proxy::Log log = print;
  co_await proxy::serve(*std::move(listener), server, ctrl_c(), limits, log);
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
  const sigset_t signals = ends();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const bool is_done = nara::Runtime::create()
                           .value()
                           .block_on(stand_before(*server, "127.0.0.1:" + port))
                           .has_value();
  return is_done ? 0 : 1;
}
