// Ways to wait for one of many connections: what a message costs with each. Takes some seconds.
//
// A connection is an eventfd, which is a counter that can be read once it is not 0: the smallest
// thing that can be waited for. One of them gets news, we find out which, and read it.
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <nara/owned_fd.hpp>
#include <optional>
#include <random>
#include <semaphore>
#include <system_error>
#include <thread>
#include <vector>

#include "stopwatch.hpp"

using nara::OwnedFd;
using Connections = std::vector<OwnedFd>;

void give_news(const OwnedFd& connection) {
  constexpr std::uint64_t kOne = 1;
  (void)!::write(connection.fd(), &kOne, sizeof kOne);
}

std::uint64_t read_news(int descriptor) {
  std::uint64_t news = 0;
  (void)!::read(descriptor, &news, sizeof news);
  return news;
}

/// One of the ways: waits for news on any of the connections, and reads it.
using Wait = std::function<void()>;

/// A thread for each connection. It says so when it has read something. A thousand at once tell it
/// to end.
class Threads {
 public:
  explicit Threads(const Connections& connections) : connections_(connections) {}
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() {
    for (std::size_t i = 0; i < threads_.size(); ++i) {
      (void)!::write(connections_[i].fd(), &kEnd, sizeof kEnd);
    }
  }

  /// False when the machine does not give us so many.
  bool start() {
    try {
      for (const OwnedFd& connection : connections_) {
        threads_.emplace_back([this, fd = connection.fd()] {
          while (read_news(fd) < kEnd) has_read_.release();
        });
      }
      return true;
    } catch (const std::system_error&) {
      return false;
    }
  }

  void wait() { has_read_.acquire(); }

 private:
  static constexpr std::uint64_t kEnd = 1000;

  const Connections& connections_;
  std::counting_semaphore<> has_read_{0};
  std::vector<std::jthread> threads_;
};

void wait_with_select(const Connections& connections) {
  fd_set wanted;
  FD_ZERO(&wanted);
  for (const OwnedFd& connection : connections) FD_SET(connection.fd(), &wanted);
  ::select(connections.back().fd() + 1, &wanted, nullptr, nullptr, nullptr);
  for (const OwnedFd& connection : connections) {
    if (FD_ISSET(connection.fd(), &wanted)) read_news(connection.fd());
  }
}

void wait_with_poll(std::vector<pollfd>& wanted) {
  ::poll(wanted.data(), wanted.size(), -1);
  for (const pollfd& one : wanted) {
    if ((one.revents & POLLIN) != 0) read_news(one.fd);
  }
}

void wait_with_epoll(const OwnedFd& epoll) {
  std::array<epoll_event, 16> events;
  const int found = ::epoll_wait(epoll.fd(), events.data(), 16, -1);
  for (int i = 0; i < found; ++i) read_news(events[i].data.fd);
}

OwnedFd epoll_of(const Connections& connections, std::uint32_t trigger) {
  OwnedFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  for (const OwnedFd& connection : connections) {
    epoll_event event{.events = EPOLLIN | trigger, .data = {.fd = connection.fd()}};
    ::epoll_ctl(epoll.fd(), EPOLL_CTL_ADD, connection.fd(), &event);
  }
  return epoll;
}

std::vector<pollfd> poll_of(const Connections& connections) {
  std::vector<pollfd> wanted;
  for (const OwnedFd& connection : connections) wanted.push_back({connection.fd(), POLLIN, 0});
  return wanted;
}

/// Microseconds a message: the median of some rounds.
double measure(const Connections& connections, const Wait& wait) {
  std::minstd_rand random;
  const int times = connections.size() < 5000 ? 2000 : 200;
  std::array<double, 7> rounds;
  for (double& round : rounds) {
    const Stopwatch stopwatch(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < times; ++i) {
      give_news(connections[random() % connections.size()]);
      wait();
    }
    round = stopwatch.seconds() * 1e6 / times;
  }
  std::ranges::sort(rounds);
  return rounds[rounds.size() / 2];
}

/// None when there are not so many descriptors.
std::optional<Connections> connect(std::size_t count) {
  Connections connections;
  while (connections.size() < count) {
    const int descriptor = ::eventfd(0, EFD_CLOEXEC);
    if (descriptor == -1) return std::nullopt;
    connections.emplace_back(descriptor);
  }
  return connections;
}

using Way = std::function<std::optional<double>(const Connections&)>;

std::optional<double> with_threads(const Connections& connections) {
  Threads threads(connections);
  if (!threads.start()) return std::nullopt;
  return measure(connections, [&] { threads.wait(); });
}

std::optional<double> with_select(const Connections& connections) {
  if (connections.back().fd() >= FD_SETSIZE) return std::nullopt;
  return measure(connections, [&] { wait_with_select(connections); });
}

std::optional<double> with_poll(const Connections& connections) {
  std::vector<pollfd> wanted = poll_of(connections);
  return measure(connections, [&] { wait_with_poll(wanted); });
}

Way with_epoll(std::uint32_t trigger) {
  return [trigger](const Connections& connections) {
    const OwnedFd epoll = epoll_of(connections, trigger);
    return std::optional(measure(connections, [&] { wait_with_epoll(epoll); }));
  };
}

int main() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 1 << 20);
  ::setrlimit(RLIMIT_NOFILE, &limit);

  const std::array<std::pair<const char*, Way>, 5> ways{{
      {"a thread for each", with_threads},
      {"select", with_select},
      {"poll", with_poll},
      {"epoll, level", with_epoll(0)},
      {"epoll, edge", with_epoll(EPOLLET)},
  }};
  std::printf("%-20s%10d%10d%10d%10d connections\n", "us a message", 10, 100, 1000, 10000);
  for (const auto& [name, way] : ways) {
    std::printf("%-20s", name);
    for (const std::size_t count : {10, 100, 1000, 10000}) {
      const std::optional<Connections> connections = connect(count);
      const std::optional<double> cost = connections ? way(*connections) : std::nullopt;
      cost ? std::printf("%10.1f", *cost) : std::printf("%10s", "-");
      std::fflush(stdout);
    }
    std::printf("\n");
  }
}
