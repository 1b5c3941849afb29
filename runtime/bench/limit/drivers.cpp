// The least that timers and descriptors can cost: the same system calls and the same lists, and
// nothing around them.
#include "drivers.hpp"

#include <unistd.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <ctime>

#include "../descriptors.hpp"
#include "../measure.hpp"
#include "epoll.hpp"

namespace limit {

namespace {

template <class Work>
double time(Work work, std::uint64_t ops) {
  work(bench::warm_up(ops));
  const double start = bench::cpu_nanoseconds();
  work(ops);
  return (bench::cpu_nanoseconds() - start) / static_cast<double>(ops);
}

// --- Timers

struct Alarm {
  Alarm* next = this;
  Alarm* previous = this;
};

/// What a wheel does with an alarm that never rings: it goes into the list where it belongs, and
/// out again.
class Wheel {
 public:
  void insert(Alarm& alarm, std::uint64_t tick) noexcept {
    const int level = (std::bit_width(tick | 1) - 1) / kBits;
    Alarm& slot = slots_[static_cast<std::size_t>(level)][(tick >> (level * kBits)) % kSlots];
    alarm.next = &slot;
    alarm.previous = slot.previous;
    slot.previous->next = &alarm;
    slot.previous = &alarm;
  }

  static void remove(const Alarm& alarm) noexcept {
    alarm.next->previous = alarm.previous;
    alarm.previous->next = alarm.next;
  }

 private:
  static constexpr int kBits = 6;
  static constexpr std::uint64_t kSlots = 1 << kBits;

  std::array<std::array<Alarm, kSlots>, 11> slots_;
};

std::uint64_t milliseconds_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec * 1000 + now.tv_nsec / 1'000'000);
}

void cancel_timers(std::uint64_t ops) {
  constexpr std::uint64_t kHour = 3'600'000;
  const std::uint64_t start = milliseconds_now();
  Wheel wheel;
  for (std::uint64_t i = 0; i < ops; ++i) {
    Alarm alarm;
    wheel.insert(alarm, milliseconds_now() - start + kHour);
    bench::keep(wheel);
    Wheel::remove(alarm);
  }
}

// --- Descriptors

class Pipe {
 public:
  explicit Pipe(const Epoll& epoll) {
    epoll.watch(from_, EPOLLIN | EPOLLRDHUP | EPOLLET);
    epoll.watch(to_, EPOLLOUT | EPOLLET);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    ::close(from_);
    ::close(to_);
  }

  int from() const noexcept { return from_; }

  void write() const { bench::check(static_cast<int>(::write(to_, "", 1)), "write()"); }

  void read() const {
    std::array<std::byte, bench::kBuffer> buffer;
    bench::check(static_cast<int>(::read(from_, buffer.data(), buffer.size())), "read()");
  }

 private:
  const std::array<int, 2> ends_ = bench::open_pipe();
  const int from_ = ends_[0];
  const int to_ = ends_[1];
};

void ping_pongs(Epoll& epoll, std::uint64_t ops) {
  const Pipe there(epoll);
  const Pipe back(epoll);
  there.write();
  for (std::uint64_t done = 0; done < ops;) {
    epoll.wait([&](int descriptor) {
      if (descriptor == there.from()) {
        there.read();
        back.write();
      } else if (descriptor == back.from()) {
        back.read();
        if (++done < ops) there.write();
      }
    });
  }
}

}  // namespace

double timer_cancel(std::uint64_t ops) { return time(cancel_timers, ops); }

double pipe_ping_pong(std::uint64_t ops) {
  Epoll epoll;
  return time([&](std::uint64_t count) { ping_pongs(epoll, count); }, ops);
}

double idle_fds(std::uint64_t ops) {
  Epoll epoll;
  for (const int socket : bench::open_idle()) epoll.watch(socket, EPOLLIN | EPOLLRDHUP | EPOLLET);
  return time([&](std::uint64_t count) { ping_pongs(epoll, count); }, ops);
}

}  // namespace limit
