// How the library treats the system: descriptors, errors, and signals.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <nara/async_fd.hpp>
#include <nara/io/ready.hpp>
#include <nara/io/result.hpp>
#include <nara/io/stream.hpp>
#include <nara/runtime.hpp>
#include <nara/sys/call.hpp>
#include <nara/sys/epoll.hpp>
#include <nara/sys/file.hpp>
#include <string>
#include <system_error>
#include <testkit/descriptors.hpp>
#include <testkit/steps.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "descriptors.hpp"

using nara::AsyncFd;
using nara::EpollDriver;
using nara::OwnedFd;
using nara::io::Interest;
using nara::io::Ready;
using nara::test::FewDescriptors;
using nara::test::is_closed_on_exec;
using nara::test::is_non_blocking;
using nara::test::step;

namespace {

/// The numbers of all descriptors that this process has open.
std::vector<int> descriptors() {
  std::vector<int> numbers;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    numbers.push_back(std::stoi(entry.path().filename()));
  }
  // That of the directory is closed by now.
  std::erase_if(numbers, [](int number) { return ::fcntl(number, F_GETFD) == -1; });
  std::ranges::sort(numbers);
  return numbers;
}

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

struct Interruption {
  static inline std::atomic<int> count = 0;
  static void come(int) { ++count; }
};

}  // namespace

TEST_CASE("every descriptor that a runtime makes is closed on exec") {
  const std::vector<int> before = descriptors();
  const nara::io::Result<nara::Runtime> runtime = nara::Runtime::create();
  REQUIRE(runtime.has_value());
  const std::vector<int> after = descriptors();
  std::vector<int> made;
  std::ranges::set_difference(after, before, std::back_inserter(made));
  CHECK(made.size() == 3);
  for (const int descriptor : made) CHECK(is_closed_on_exec(descriptor));
}

TEST_CASE("the bell and the alarm of a driver do not block") {
  CHECK(is_non_blocking(nara::sys::eventfd().value().fd()));
  CHECK(is_non_blocking(nara::sys::timerfd().value().fd()));
}

TEST_CASE("set_nonblocking makes calls say EAGAIN instead of waiting") {
  Pipe pipe;
  REQUIRE(::fcntl(pipe.reader.fd(), F_SETFL, 0) == 0);
  CHECK(nara::sys::set_nonblocking(pipe.reader.fd()).has_value());
  CHECK(is_non_blocking(pipe.reader.fd()));
  std::array<std::byte, 8> buffer{};
  CHECK(nara::io::is_would_block(nara::sys::read(pipe.reader.fd(), buffer).error()));
  CHECK(nara::sys::set_nonblocking(-1).error() == std::errc::bad_file_descriptor);
}

TEST_CASE("writing to a pipe or a socket that nobody reads is an error, and not the end") {
  Turned turned;
  Pipe pipe;
  close(std::move(pipe.reader));
  CHECK(nara::sys::write(pipe.writer.fd(), bytes("x")).error() == std::errc::broken_pipe);
  Sockets sockets;
  close(std::move(sockets.other));
  CHECK(nara::sys::write(sockets.one.fd(), bytes("x")).error() == std::errc::broken_pipe);
}

TEST_CASE("a file cannot be waited for, and is given back with EPERM") {
  Turned turned;
  OwnedFd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  const int number = file.fd();
  auto wrapped = AsyncFd<OwnedFd>::try_new(std::move(file));
  REQUIRE_FALSE(wrapped.has_value());
  CHECK(wrapped.error().cause == std::errc::operation_not_permitted);
  CHECK(wrapped.error().inner.fd() == number);
  CHECK(turned.reactor().size() == 0);
}

TEST_CASE("where no descriptor is left, a driver gives EMFILE, and leaves nothing behind") {
  const std::ptrdiff_t before = open_descriptors();
  const auto errors = [](int more) {
    step("there is room for ", more);
    const FewDescriptors few(more);
    return std::array{EpollDriver::open().error(), nara::Runtime::create().error()};
  };
  // Why compared later: that takes a sanitizer a descriptor.
  for (const int more : {0, 1, 2}) {
    for (const std::error_code error : errors(more)) {
      CHECK(error == std::errc::too_many_files_open);
    }
  }
  CHECK(open_descriptors() == before);
}

TEST_CASE("a system call that a signal has interrupted is made again, and counted again") {
  Inside inside;
  int tries = 0;
  const nara::io::Result<int> answer = nara::sys::call([&] {
    errno = EINTR;
    return ++tries < 3 ? -1 : 7;
  });
  CHECK(answer == 7);
  CHECK(inside.calls() == 3);
}

TEST_CASE("a system call that fails says why") {
  const nara::io::Result<int> answer = nara::sys::call([] {
    errno = ENOSPC;
    return -1;
  });
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error() == std::errc::no_space_on_device);
}

TEST_CASE("nobody who reads is told about a signal") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const OwnedFd reader(ends[0]);
  const OwnedFd writer(ends[1]);
  struct sigaction action{};
  action.sa_handler = Interruption::come;  // Without SA_RESTART.
  ::sigaction(SIGUSR1, &action, nullptr);
  std::thread other([&, sleeper = ::pthread_self()] {
    for (int signals = 0; signals < 50; ++signals) {
      ::pthread_kill(sleeper, SIGUSR1);
      while (Interruption::count == signals) std::this_thread::yield();
    }
    put(writer.fd(), "abc");
  });
  std::array<std::byte, 8> buffer{};
  CHECK(nara::sys::read(reader.fd(), buffer) == 3);
  other.join();
  std::signal(SIGUSR1, SIG_DFL);
}

TEST_CASE("an owned descriptor is closed once, by the last that owns it") {
  Pipe pipe;
  std::array<std::byte, 8> buffer{};
  {
    OwnedFd first = std::move(pipe.writer);
    CHECK(pipe.writer.fd() == -1);
    OwnedFd second;
    second = std::move(first);
    CHECK(first.fd() == -1);
    CHECK(nara::io::is_would_block(nara::sys::read(pipe.reader.fd(), buffer).error()));
  }
  CHECK(nara::sys::read(pipe.reader.fd(), buffer) == 0);
}

TEST_CASE("a descriptor that is released stays open") {
  Pipe pipe;
  const int number = OwnedFd(std::move(pipe.writer)).release();
  put(number, "x");
  const OwnedFd again(number);
  CHECK(drain(pipe.reader.fd()) == 1);
}

TEST_CASE("the error of a runtime that is gone is known as such, and says so") {
  const std::error_code gone = nara::io::Errc::kShutdown;
  CHECK(nara::io::is_shutdown(gone));
  CHECK_FALSE(nara::io::is_would_block(gone));
  CHECK(gone.message().find("runtime of this descriptor is gone") != std::string::npos);
  const std::error_code again(EAGAIN, std::system_category());
  CHECK(nara::io::is_would_block(again));
  CHECK_FALSE(nara::io::is_shutdown(again));
}

TEST_CASE("an end is a reason to try, and belongs to one side") {
  CHECK(Ready::kReadClosed.is_readable());
  CHECK_FALSE(Ready::kReadClosed.is_writable());
  CHECK(Ready::kWriteClosed.is_writable());
  CHECK_FALSE(Ready::kWriteClosed.is_readable());
  CHECK_FALSE(Ready::kError.is_readable());
  const Ready both = Ready::kReadable | Ready::kWritable;
  CHECK((both - Ready::kReadable) == Ready::kWritable);
  CHECK((both & Interest::kReadable.mask()) == Ready::kReadable);
  CHECK(Ready::from_bits(both.bits()) == both);
  CHECK(Ready().is_empty());
}
