// epoll(7), and nothing around it.
#pragma once

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include "../descriptors.hpp"

namespace limit {

/// Reports each descriptor that it watches by its number.
class Epoll {
 public:
  Epoll() { bench::check(epoll_, "epoll_create1()"); }
  Epoll(const Epoll&) = delete;
  Epoll& operator=(const Epoll&) = delete;
  ~Epoll() { ::close(epoll_); }

  void watch(int descriptor, std::uint32_t events) const {
    control(EPOLL_CTL_ADD, descriptor, events);
  }
  void change(int descriptor, std::uint32_t events) const {
    control(EPOLL_CTL_MOD, descriptor, events);
  }

  /// Calls `handle(descriptor)` for all that is ready.
  void wait(auto handle) {
    const int found = ::epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), -1);
    if (found == -1 && errno == EINTR) return;  // strace has come, or gone.
    bench::check(found, "epoll_wait()");
    for (int i = 0; i < found; ++i) handle(events_[static_cast<std::size_t>(i)].data.fd);
  }

 private:
  void control(int what, int descriptor, std::uint32_t events) const {
    epoll_event event{.events = events, .data = {.fd = descriptor}};
    bench::check(::epoll_ctl(epoll_, what, descriptor, &event), "epoll_ctl()");
  }

  const int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  std::array<epoll_event, 1024> events_{};
};

}  // namespace limit
