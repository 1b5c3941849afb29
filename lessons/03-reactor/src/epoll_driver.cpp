// From the kernel to the registrations, and from another thread to a sleeping one.
#include <csignal>
#include <nara/reactor.hpp>
#include <span>

namespace nara::inline NARA_BUILD {

namespace {

/// What the kernel calls the bell. No registration has this name.
constexpr std::uint64_t kBell = 0;

/// What the kernel says, in our words. An error or a hang-up is news for both directions: each is
/// to try, and be told.
io::Ready ready_from(std::uint32_t events) noexcept {
  io::Ready ready;
  if ((events & EPOLLIN) != 0) ready = ready | io::Ready::kReadable;
  if ((events & EPOLLOUT) != 0) ready = ready | io::Ready::kWritable;
  if ((events & EPOLLPRI) != 0) ready = ready | io::Ready::kPriority;
  if ((events & EPOLLRDHUP) != 0) ready = ready | io::Ready::kReadClosed;
  if ((events & EPOLLHUP) != 0) ready = ready | io::Ready::kReadClosed | io::Ready::kWriteClosed;
  if ((events & EPOLLERR) != 0)
    ready = ready | io::Ready::kReadable | io::Ready::kWritable | io::Ready::kError;
  return ready;
}

/// Writing to a closed pipe is to be an error and not the end of the process.
void ignore_broken_pipes() noexcept {
  [[maybe_unused]] static const bool once = [] {
    struct sigaction action{};
    ::sigaction(SIGPIPE, nullptr, &action);
    if (action.sa_handler == SIG_DFL) std::signal(SIGPIPE, SIG_IGN);
    return true;
  }();
}

}  // namespace

io::Result<std::unique_ptr<EpollDriver>> EpollDriver::open() {
  ignore_broken_pipes();
  io::Result<OwnedFd> epoll = sys::epoll_create();
  if (!epoll) return std::unexpected(epoll.error());
  io::Result<OwnedFd> bell = sys::eventfd();
  if (!bell) return std::unexpected(bell.error());
  const auto rings = sys::epoll_add(epoll->fd(), bell->fd(), EPOLLIN | EPOLLET, kBell);
  if (!rings) return std::unexpected(rings.error());
  std::shared_ptr<Reactor> reactor(new Reactor(*std::move(epoll)));
  return std::unique_ptr<EpollDriver>(new EpollDriver(std::move(reactor), *std::move(bell)));
}

EpollDriver::EpollDriver(std::shared_ptr<Reactor> reactor, OwnedFd bell)
    : reactor_(std::move(reactor)),
      bell_(std::move(bell)),
      events_(std::make_unique_for_overwrite<epoll_event[]>(kBatch)) {}

void EpollDriver::shut_down() noexcept { reactor_->shut_down(); }

// [park]
// [sleep]
bool EpollDriver::park(std::optional<std::chrono::nanoseconds> timeout) {
  State state = State::kAwake;
  // Release: see unpark(). If it fails, somebody has unparked us before we fell asleep.
  if (!state_.compare_exchange_strong(state, State::kAsleep, std::memory_order_acq_rel)) {
    timeout = std::chrono::nanoseconds(0);
  }
  const std::span<epoll_event> events =
      sys::epoll_wait(reactor_->epoll_.fd(), {events_.get(), kBatch}, timeout);
  // Acquire: pairs with unpark(), before which lies what we are to find.
  state = state_.exchange(State::kAwake, std::memory_order_acq_rel);
  for (const epoll_event& event : events) {
    if (event.data.u64 == kBell) continue;  // It is edge-triggered: no need to read it.
    if (auto* const registration = detail::Registration::by_name(event.data.u64)) {
      registration->deliver(ready_from(event.events));
    }
  }
  reactor_->reuse_retired();
  return state == State::kUnparked || !events.empty();
}
// [/sleep]

// [unpark]
void EpollDriver::unpark() noexcept {
  // A thread that is awake will look before it sleeps: there is no need to enter the kernel.
  if (state_.exchange(State::kUnparked, std::memory_order_acq_rel) != State::kAsleep) return;
  constexpr std::uint64_t kOnce = 1;
  (void)sys::write(bell_.fd(), std::as_bytes(std::span(&kOnce, 1)));
}
// [/unpark]
// [/park]

bool EpollDriver::may_end_by_itself() const noexcept { return reactor_->size() > 0; }

void EpollDriver::provide(Services& services) noexcept {
  services[kReactorService] = reactor_.get();
}

}  // namespace nara::inline NARA_BUILD
