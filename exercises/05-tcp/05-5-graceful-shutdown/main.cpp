// A server that keeps lines, until Ctrl-C: then it takes leave of everybody first.
#include <sys/signalfd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/io/result.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/owned_fd.hpp>
#include <nara/runtime.hpp>
#include <nara/sys/call.hpp>
#include <nara/time/sleep.hpp>
#include <server.hpp>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using nara::Async;
using nara::AsyncFd;
using nara::OwnedFd;
using nara::io::Result;
using nara::net::TcpListener;

/// SIGINT and SIGTERM. Nothing comes of them while they are blocked, and so they can be waited for.
sigset_t ends() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  return signals;
}

/// Given. Ready when somebody wants the program to end. Who says so twice ends it at once. Why not
/// `nara::main()`: that destroys everything at the first Ctrl-C. signalfd(2).
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

/// A journal on a slow disk.
class Paper final : public Journal {
 public:
  Async<> append(std::string line) override {
    co_await nara::time::sleep(50ms);
    lines_.push_back(std::move(line));
  }
  Async<> flush() override {
    std::printf("The journal:\n");
    for (const std::string& line : lines_) std::printf("  %s\n", line.c_str());
    co_return;
  }

 private:
  std::vector<std::string> lines_;
};

Async<Result<void>> keep_lines(std::string address) {
  Result<TcpListener> listener = co_await TcpListener::bind(address);
  if (!listener) {
    std::printf("Nobody can listen at %s: %s\n", address.c_str(),
                listener.error().message().c_str());
    co_return std::unexpected(listener.error());
  }
  const std::string where = listener->local_addr().value().to_string();
  std::printf("I listen at %s, until Ctrl-C.\n", where.c_str());
  Paper paper;
  const Report report = co_await serve(*std::move(listener), ctrl_c(), paper, 5s);
  std::printf("%d came, %d were cut off\n", report.came, report.aborted);
  co_return Result<void>();
}

}  // namespace

/// The port may be given.
int main(int count, char** arguments) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const sigset_t signals = ends();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const std::string port = count > 1 ? arguments[1] : "7005";
  const bool is_done =
      nara::Runtime::create().value().block_on(keep_lines("127.0.0.1:" + port)).has_value();
  return is_done ? 0 : 1;
}
