// The reactor: all descriptors that a runtime waits for. The driver: the thread's place to sleep
// while it waits.
//
//                        kernel
//                          │ epoll_wait: which are ready?
//                          ▼
//   executor ── park() ──► EpollDriver ── one event ──► Registration ── wake() ──► task
//      ▲                    │                              ▲   ▲
//      └── returns ─────────┘             AsyncFd, on any  │   │  Waiter, in the future
//                                         thread ──────────┘   └─ that is awaited
//
// Each descriptor is made known to the kernel once, edge-triggered, for reading and writing alike.
// After that, waiting costs no system call of its own, and a descriptor on which nothing happens
// costs nothing at all.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <nara/current.hpp>
#include <nara/detail/registration.hpp>
#include <nara/io/ready.hpp>
#include <nara/io/result.hpp>
#include <nara/owned_fd.hpp>
#include <nara/park.hpp>
#include <nara/sys/epoll.hpp>
#include <optional>
#include <utility>

namespace nara::inline NARA_BUILD {

namespace detail {
class Registered;
}  // namespace detail

/// The place of the `Reactor` among the services of a runtime.
inline constexpr std::size_t kReactorService = 3;

/// All descriptors that one driver waits for. It lives as long as the last of them: an `AsyncFd`
/// may outlive its runtime, and then gives `io::Errc::kShutdown`.
///
/// Thread safety: all functions, any thread. Mirrors the I/O part of `tokio::runtime::Handle`.
class Reactor : public std::enable_shared_from_this<Reactor> {
 public:
  /// The reactor of the current runtime. Throws `Misuse` when there is none: `what` needs one.
  static Reactor& current(const char* what);

  /// Takes over waiting for `descriptor`, which has to be non-blocking: one epoll_ctl(2). `EEXIST`
  /// when the reactor has it already, `EPERM` for a file, `EBADF` for what is no descriptor, and
  /// `io::Errc::kShutdown` when the driver is gone.
  io::Result<detail::Registered> add(int descriptor, io::Interest interest);

  /// How many descriptors it has now.
  std::size_t size() const;

 private:
  friend class EpollDriver;
  friend detail::Registered;

  explicit Reactor(OwnedFd epoll) noexcept : epoll_(std::move(epoll)) {}

  void retire(detail::Registration& registration);
  void shut_down();

  const OwnedFd epoll_;

  mutable std::mutex mutex_;  // Guards all that follows.
  bool is_shut_down_ = false;
  std::size_t size_ = 0;
  std::deque<detail::Registration> all_;  ///< Never shrinks: the kernel may point to any of them.
  detail::RegistrationStack spare_;
};

namespace detail {

/// A descriptor's registration, from `Reactor::add()` until it is destroyed.
///
/// It must be destroyed after the descriptor is closed, which makes the kernel forget it. Who keeps
/// the descriptor open calls `forget()` before.
class Registered {
 public:
  Registered(std::shared_ptr<Reactor> reactor, Registration& registration) noexcept
      : reactor_(std::move(reactor)), registration_(&registration) {}
  Registered(Registered&& other) noexcept = default;
  Registered& operator=(Registered&& other) noexcept {
    std::swap(reactor_, other.reactor_);
    std::swap(registration_, other.registration_);
    return *this;
  }
  ~Registered() {
    if (reactor_ != nullptr) reactor_->retire(*registration_);
  }

  Registration& operator*() const noexcept { return *registration_; }
  Registration* operator->() const noexcept { return registration_; }

  /// False when it was moved from.
  explicit operator bool() const noexcept { return reactor_ != nullptr; }

  /// The kernel is to report nothing any more: one epoll_ctl(2). `ENOENT` when it does not know the
  /// descriptor.
  io::Result<void> forget(int descriptor) noexcept;

 private:
  std::shared_ptr<Reactor> reactor_;
  Registration* registration_;
};

}  // namespace detail

/// Parks a thread in the kernel, until one of the reactor's descriptors is ready, somebody unparks
/// it, or it is time.
///
/// When it is shut down, all who still wait for a descriptor are woken, and their operations end
/// with `io::Errc::kShutdown`. Mirrors `tokio::runtime::io::Driver`.
class EpollDriver final : public Park {
 public:
  /// A driver with a reactor of its own. Uses three descriptors; `EMFILE` when there are none left.
  ///
  /// The first one in a process also sees to it that writing to a closed pipe gives `EPIPE`: it
  /// ignores SIGPIPE, unless the program has chosen something else for it.
  static io::Result<std::unique_ptr<EpollDriver>> open();

  EpollDriver(const EpollDriver&) = delete;
  EpollDriver& operator=(const EpollDriver&) = delete;
  bool park(Deadline deadline) override;
  void unpark() noexcept override;
  bool may_end_by_itself() const noexcept override;
  void provide(Services& services) noexcept override;
  void shut_down() noexcept override;

  Reactor& reactor() const noexcept { return *reactor_; }

 private:
  EpollDriver(std::shared_ptr<Reactor> reactor, OwnedFd bell, OwnedFd alarm);

  void set_alarm(std::chrono::steady_clock::time_point deadline) noexcept;

  enum class State : std::uint8_t { kAwake, kAsleep, kUnparked };

  static constexpr std::size_t kBatch = 1024;  ///< Events taken from the kernel at once.
  static constexpr auto kNever = std::chrono::steady_clock::time_point::max();

  const std::shared_ptr<Reactor> reactor_;
  const OwnedFd bell_;  ///< An eventfd: whoever unparks a sleeping thread rings it.
  std::atomic<State> state_ = State::kAwake;
  const OwnedFd alarm_;  ///< A timerfd: it wakes us when it is time.
  std::chrono::steady_clock::time_point rings_at_ = kNever;  ///< When the alarm will ring.
  const std::unique_ptr<epoll_event[]> events_;
};

}  // namespace nara::inline NARA_BUILD
