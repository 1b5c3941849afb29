// Runs a program until its root has ended, or a signal ends it.
#include <sys/signalfd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <nara/async_fd.hpp>
#include <nara/main.hpp>
#include <nara/runtime.hpp>
#include <nara/sys/call.hpp>
#include <optional>

namespace nara::inline NARA_BUILD {

namespace {

using Root = Async<io::Result<int>>;

/// While it lives, SIGINT and SIGTERM do nothing to this thread, and to those that it starts.
class Signals {
 public:
  Signals() noexcept {
    ::sigemptyset(&signals_);
    ::sigaddset(&signals_, SIGINT);
    ::sigaddset(&signals_, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;
  ~Signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  /// A descriptor from which they can be read. signalfd(2).
  io::Result<OwnedFd> open() const noexcept {
    const auto fd =
        sys::call([&] { return ::signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK); });
    if (!fd) return std::unexpected(fd.error());
    return OwnedFd(*fd);
  }

 private:
  sigset_t signals_;
  sigset_t before_;
};

/// Reads the number of a signal.
constexpr auto kReadSignal = [](const OwnedFd& signals) -> io::Result<int> {
  std::array<signalfd_siginfo, 1> info;
  const auto size = sys::read(signals.fd(), std::as_writable_bytes(std::span(info)));
  if (!size) return std::unexpected(size.error());
  return static_cast<int>(info[0].ssi_signo);
};

/// Ready with the exit code when the root has ended; or, when there is a signal, with the one that
/// means this. Then the root is destroyed.
class UntilSignal {
 public:
  using Output = io::Result<int>;

  UntilSignal(Root root, const AsyncFd<OwnedFd>& signals, std::optional<Signals>& blocked)
      : root_(std::move(root)),
        signal_(signals.async_io(io::Interest::kReadable, kReadSignal)),
        blocked_(blocked) {}

  Poll<Output> poll(Context& context) {
    Poll<Output> ended = root_->poll(context);
    if (ended.is_ready()) return ended;
    Poll<Output> signal = signal_.poll(context);
    if (signal.is_pending()) return kPending;
    blocked_.reset();  // The next one ends the process, whatever it is doing then.
    root_.reset();
    if (!signal.value()) return signal;
    constexpr int kKilledBy = 128;
    return Output(kKilledBy + *signal.value());
  }

  void describe(Trace& trace) const {
    if (root_) root_->describe(trace);
  }

 private:
  std::optional<Root> root_;
  decltype(std::declval<AsyncFd<OwnedFd>>().async_io(io::Interest::kReadable, kReadSignal)) signal_;
  std::optional<Signals>& blocked_;
};

Root run_until_signal(Root root, std::optional<Signals>* blocked) {
  io::Result<OwnedFd> opened = (*blocked)->open();
  if (!opened) co_return std::unexpected(opened.error());
  const auto signals = AsyncFd<OwnedFd>::try_new(*std::move(opened), io::Interest::kReadable);
  if (!signals) co_return std::unexpected(signals.error().cause);
  const io::Result<int> code = co_await UntilSignal(std::move(root), *signals, *blocked);
  co_return code;
}

int fail(const char* why) {
  std::fprintf(stderr, "error: %s\n", why);
  return 1;
}

}  // namespace

int detail::main(Root root) try {
  std::optional<Signals> blocked(std::in_place);
  io::Result<Runtime> runtime = Runtime::create();
  if (!runtime) return fail(runtime.error().message().c_str());
  const io::Result<int> code = runtime->block_on(run_until_signal(std::move(root), &blocked));
  if (!blocked)
    std::move(*runtime).shutdown_background();  // It does not wait for what is blocking.
  return code ? *code : fail(code.error().message().c_str());
} catch (const std::exception& error) {
  return fail(error.what());
} catch (...) {
  return fail("an exception that is no std::exception came out of main()");
}

}  // namespace nara::inline NARA_BUILD
