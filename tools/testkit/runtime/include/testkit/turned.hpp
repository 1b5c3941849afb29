// Tests of what waits for descriptors: real pipes, and a reactor that does nothing until the test
// turns it.
//
//   Turned runtime;
//   Pipe pipe;
//   ...                       // make something that waits for pipe.reader, and poll it by hand
//   pipe.put("hello");
//   runtime.turn();           // the kernel says that there is something: wakers are woken now
#pragma once

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <nara/counters.hpp>
#include <nara/current.hpp>
#include <nara/owned_fd.hpp>
#include <nara/park.hpp>
#include <nara/reactor.hpp>
#include <nara/scheduler.hpp>
#include <string_view>
#include <testkit/descriptors.hpp>
#include <utility>

namespace nara::test {

/// Both ends of a pipe.
struct Pipe {
  OwnedFd reader;
  OwnedFd writer;

  /// With `flags` of pipe2(2). Without any, both ends wait when they are used, as is usual.
  explicit Pipe(int flags = 0) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), flags | O_CLOEXEC) == 0);
    reader = OwnedFd(ends[0]);
    writer = OwnedFd(ends[1]);
  }

  /// Writes this, which has to be little enough for a pipe, all at once.
  void put(std::string_view text) const {
    REQUIRE(::write(writer.fd(), text.data(), text.size()) == std::ssize(text));
  }

  /// Nothing more will be written.
  void close_writer() { const OwnedFd closed = std::move(writer); }
};

/// While one is alive, this thread is inside of a runtime that has these services but runs no
/// tasks, and its system calls are counted.
class Inside final : Scheduler {
 public:
  explicit Inside(const Services& services = {}) : services_(services) {}

  /// How many there were since this was last asked.
  std::size_t calls() noexcept { return std::exchange(counters_.system_calls, 0); }

 private:
  void adopt(detail::Task&) noexcept override { std::abort(); }
  void schedule(detail::Task&) noexcept override { std::abort(); }

  Counters counters_;
  Services services_;
  Current inside_{services_, *this, counters_};
};

/// A runtime with a driver, in which this thread is while it lives. It runs no tasks, and asks the
/// kernel only when the test says so.
class Turned {
 public:
  Turned() = default;
  Turned(const Turned&) = delete;
  Turned& operator=(const Turned&) = delete;
  ~Turned() { driver_->shut_down(); }

  /// Takes what the kernel has to say, and wakes whom it is about. True if there was something.
  bool turn() { return driver_->park(Park::kNow); }

  EpollDriver& driver() noexcept { return *driver_; }
  Reactor& reactor() noexcept { return driver_->reactor(); }

  /// How many system calls this thread has made since this was last asked.
  std::size_t calls() noexcept { return inside_.calls(); }

  /// The services of its runtime, for other threads to be inside of it, too.
  Services services() noexcept {
    Services services{};
    driver_->provide(services);
    return services;
  }

 private:
  std::unique_ptr<EpollDriver> driver_ = EpollDriver::open().value();
  Inside inside_{services()};
};

}  // namespace nara::test
