// How a descriptor comes into the reactor, and leaves it.
#include <nara/misuse.hpp>
#include <nara/reactor.hpp>
#include <string>

namespace nara::inline NARA_BUILD {

using detail::Registered;
using detail::Registration;

namespace {

/// What the kernel is asked to report. It always reports errors and hang-ups.
std::uint32_t epoll_events(io::Interest interest) noexcept {
  std::uint32_t events = EPOLLET;
  if (interest.includes(io::Interest::kReadable)) events |= EPOLLIN | EPOLLRDHUP;
  if (interest.includes(io::Interest::kWritable)) events |= EPOLLOUT;
  if (interest.includes(io::Interest::kPriority)) events |= EPOLLPRI | EPOLLRDHUP;
  return events;
}

}  // namespace

Reactor& Reactor::current(const char* what) {
  auto* const reactor = static_cast<Reactor*>(Current::service(kReactorService, what));
  if (reactor != nullptr) return *reactor;
  throw Misuse(std::string(what) +
               " needs a runtime that does input and output: build it with enable_io()");
}

// [add]
io::Result<Registered> Reactor::add(int descriptor, io::Interest interest) {
  Registration* registration = nullptr;
  std::uint64_t name = 0;
  {
    const std::lock_guard lock(mutex_);
    if (is_shut_down_) return std::unexpected(make_error_code(io::Errc::kShutdown));
    registration = spare_.pop();
    if (registration == nullptr) registration = &all_.emplace_back();
    ++size_;
    // Why under the lock: a shutdown that comes after it must not be forgotten.
    registration->readiness().begin();
    name = registration->name();
  }
  Registered registered(shared_from_this(), *registration);
  const io::Result<void> added =
      sys::epoll_add(epoll_.fd(), descriptor, epoll_events(interest), name);
  if (!added) return std::unexpected(added.error());
  return registered;
}
// [/add]

// [retire]
void Reactor::retire(Registration& registration) {
  registration.end_life();
  const std::lock_guard lock(mutex_);
  --size_;
  spare_.push(registration);
}
// [/retire]

void Reactor::shut_down() {
  {
    const std::lock_guard lock(mutex_);
    is_shut_down_ = true;
  }
  // Why without the lock: a waker may do anything, and nobody adds to `all_` any more.
  for (Registration& registration : all_) registration.shut_down();
}

std::size_t Reactor::size() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

io::Result<void> Registered::forget(int descriptor) noexcept {
  return sys::epoll_remove(reactor_->epoll_.fd(), descriptor);
}

}  // namespace nara::inline NARA_BUILD
