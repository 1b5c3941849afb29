// From the kernel to the registrations, and from another thread to a sleeping one.
#include <csignal>
#include <nara/reactor.hpp>
#include <span>

namespace nara::inline NARA_BUILD {

namespace {

/// What the kernel calls the bell and the alarm. No registration has these names.
constexpr std::uint64_t kBell = 0;
constexpr std::uint64_t kAlarm = 1;

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
  io::Result<OwnedFd> alarm = sys::timerfd();
  if (!alarm) return std::unexpected(alarm.error());
  // Edge-triggered: neither has to be read when it has rung.
  io::Result<void> added = sys::epoll_add(epoll->fd(), bell->fd(), EPOLLIN | EPOLLET, kBell);
  if (added) added = sys::epoll_add(epoll->fd(), alarm->fd(), EPOLLIN | EPOLLET, kAlarm);
  if (!added) return std::unexpected(added.error());
  std::shared_ptr<Reactor> reactor(new Reactor(*std::move(epoll)));
  return std::unique_ptr<EpollDriver>(
      new EpollDriver(std::move(reactor), *std::move(bell), *std::move(alarm)));
}

EpollDriver::EpollDriver(std::shared_ptr<Reactor> reactor, OwnedFd bell, OwnedFd alarm)
    : reactor_(std::move(reactor)),
      bell_(std::move(bell)),
      alarm_(std::move(alarm)),
      events_(std::make_unique_for_overwrite<epoll_event[]>(kBatch)) {}

void EpollDriver::shut_down() noexcept { reactor_->shut_down(); }

// [sleep]
bool EpollDriver::park(Deadline deadline) {
  State state = State::kAwake;
  // Release: see unpark(). If it fails, somebody has unparked us already.
  if (!state_.compare_exchange_strong(state, State::kAsleep, std::memory_order_acq_rel)) {
    deadline = kNow;
  }
  std::optional<std::chrono::milliseconds> timeout;
  if (deadline == kNow) {
    timeout = std::chrono::milliseconds(0);
  } else if (deadline) {
    set_alarm(*deadline);
  }
  const std::span<epoll_event> events =
      sys::epoll_wait(reactor_->epoll_.fd(), {events_.get(), kBatch}, timeout);
  // Acquire: pairs with unpark(), before which lies what we are to find.
  bool has_news = state_.exchange(State::kAwake, std::memory_order_acq_rel) == State::kUnparked;
  for (const epoll_event& event : events) {
    if (event.data.u64 == kAlarm) {
      rings_at_ = kNever;
      continue;
    }
    has_news = true;
    if (event.data.u64 == kBell) continue;
    detail::Registration::deliver(event.data.u64, ready_from(event.events));
  }
  return has_news;
}
// [/sleep]

// [alarm]
/// Why not a timeout of epoll_wait(2): the kernel would set up its timer for each sleep, and take
/// it down again. An alarm that rings too early, for somebody who has gone since, does no harm.
void EpollDriver::set_alarm(std::chrono::steady_clock::time_point deadline) noexcept {
  if (deadline >= rings_at_) return;
  rings_at_ = deadline;
  (void)sys::timerfd_set(alarm_.fd(), deadline);
}
// [/alarm]

// [unpark]
void EpollDriver::unpark() noexcept {
  // A thread that is awake will look before it sleeps: there is no need to enter the kernel.
  if (state_.exchange(State::kUnparked, std::memory_order_acq_rel) != State::kAsleep) return;
  constexpr std::uint64_t kOnce = 1;
  (void)sys::write(bell_.fd(), std::as_bytes(std::span(&kOnce, 1)));
}
// [/unpark]

bool EpollDriver::may_end_by_itself() const noexcept { return reactor_->size() > 0; }

void EpollDriver::provide(Services& services) noexcept {
  services[kReactorService] = reactor_.get();
}

}  // namespace nara::inline NARA_BUILD
