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
#include <chrono>
#include <iterator>
#include <memory>
#include <nara/current.hpp>
#include <nara/current_thread.hpp>
#include <nara/owned_fd.hpp>
#include <nara/reactor.hpp>
#include <string_view>
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

/// Does reading it say `EAGAIN`, instead of keeping the thread?
inline bool is_non_blocking(int descriptor) {
  return (::fcntl(descriptor, F_GETFL) & O_NONBLOCK) != 0;
}

/// A runtime with a reactor, in which this thread is while it lives. It runs no tasks, and asks the
/// kernel only when the test says so.
class Turned {
 public:
  Turned() : Turned(EpollDriver::open().value()) {}

  /// Takes what the kernel has to say now, and wakes whom it is about. True if there was something.
  bool turn() { return driver_.park(std::chrono::nanoseconds(0)); }

 private:
  explicit Turned(std::unique_ptr<EpollDriver> driver)
      : driver_(*driver), executor_(std::move(driver)), inside_(executor_.enter()) {}

  EpollDriver& driver_;
  CurrentThread executor_;
  Current inside_;
};

}  // namespace nara::test
