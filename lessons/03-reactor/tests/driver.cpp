// The driver: what the kernel reports, to whom, and how a thread is fetched out of its sleep.
#include <doctest/doctest.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <nara/io/result.hpp>
#include <nara/sys/epoll.hpp>
#include <optional>
#include <testkit/by_hand.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "descriptors.hpp"
#include "waiting.hpp"

using namespace std::chrono_literals;

using nara::detail::Registered;
using nara::io::Interest;
using nara::io::Ready;
using nara::test::by_hand;
using nara::test::step;
using std::chrono::steady_clock;

namespace {

/// Wakes up a thread that waits in the kernel, and does nothing else.
struct Interruption {
  static inline std::atomic<int> count = 0;
  static void come(int) { ++count; }
};

}  // namespace

TEST_CASE("an unpark before the park is kept for it, once") {
  Turned turned;
  turned.driver().unpark();
  turned.driver().unpark();
  CHECK(turned.driver().park(std::nullopt));
  CHECK_FALSE(turned.turn());
}

TEST_CASE("a park ends with its deadline, and says that there was nothing") {
  Turned turned;
  CHECK_FALSE(turned.driver().park(steady_clock::now() + 1ms));
  step("one that has passed");
  CHECK_FALSE(turned.driver().park(steady_clock::now() - 1h));
  CHECK_FALSE(turned.driver().park(steady_clock::time_point()));
  CHECK_FALSE(turned.turn());
}

TEST_CASE("a park does not end before its deadline, unless an earlier one was left") {
  Turned turned;
  const auto start = steady_clock::now();
  const auto deadline = start + 2ms;
  CHECK_FALSE(turned.driver().park(deadline));
  CHECK(steady_clock::now() >= deadline);
  step("the alarm of the one before does not ring again");
  CHECK_FALSE(turned.driver().park(deadline + 2ms));
  CHECK(steady_clock::now() >= deadline + 2ms);
}

TEST_CASE("an unpark from another thread ends a park, be it one or several, and so does the next") {
  Turned turned;
  for (int round = 0; round < 200; ++round) {
    std::size_t calls = 0;
    std::thread other([&] {
      Inside inside;
      for (int i = 0; i < 1 + round % 3; ++i) turned.driver().unpark();
      calls = inside.calls();
    });
    CHECK(turned.driver().park(std::nullopt));
    other.join();
    CHECK(calls <= 1);
    (void)turned.turn();  // One of them may have come after the park.
    CHECK_FALSE(turned.turn());
  }
}

TEST_CASE("a signal that is handled ends a park early, and nobody takes it for news") {
  Turned turned;
  std::signal(SIGUSR1, Interruption::come);
  std::atomic<bool> is_interrupted = false;
  std::thread other([&, sleeper = ::pthread_self()] {
    while (!is_interrupted) {
      const int before = Interruption::count;
      ::pthread_kill(sleeper, SIGUSR1);
      while (Interruption::count == before) std::this_thread::yield();
    }
    turned.driver().unpark();
  });
  CHECK_FALSE(turned.driver().park(std::nullopt));
  is_interrupted = true;
  step("it sleeps again, until it is unparked");
  while (!turned.driver().park(std::nullopt)) {
  }
  other.join();
  std::signal(SIGUSR1, SIG_DFL);
}

TEST_CASE("what another thread registers while the driver sleeps wakes it, without an unpark") {
  Turned turned;
  for (int round = 0; round < 100; ++round) {
    Pipe pipe;
    put(pipe.writer.fd(), "x");
    std::optional<Registered> registered;
    std::thread other([&] { registered = added(turned, pipe.reader); });
    CHECK(turned.driver().park(std::nullopt));
    other.join();
    CHECK(known(*registered) == Ready::kReadable);
    close(std::move(pipe.reader));
  }
}

TEST_CASE("a fresh socket is known to be writable, and not readable") {
  Turned turned;
  Sockets sockets;
  const Registered registered = added(turned, sockets.one);
  CHECK(known(registered).is_empty());
  CHECK(turned.turn());
  CHECK(known(registered) == Ready::kWritable);
}

TEST_CASE("what was cleared comes back with new data, and not without") {
  Turned turned;
  Pipe pipe;
  const Registered registered = added(turned, pipe.reader);
  for (int round = 0; round < 3; ++round) {
    put(pipe.writer.fd(), "abc");
    CHECK(turned.turn());
    CHECK(known(registered) == Ready::kReadable);
    CHECK(drain(pipe.reader.fd()) == 3);
    registered->readiness().clear(registered->readiness().look(Ready::kReadable));
    step("there is no new data");
    CHECK_FALSE(turned.turn());
    CHECK(known(registered).is_empty());
  }
}

TEST_CASE("a full pipe is writable again once there is room, and its writer is woken") {
  Turned turned;
  Pipe pipe;
  const Registered registered = added(turned, pipe.writer);
  (void)fill(pipe.writer.fd());
  (void)turned.turn();
  registered->readiness().clear(registered->readiness().look(kBoth.mask()));
  auto writer = by_hand(Wait{*registered, Interest::kWritable});
  CHECK(writer.poll().is_pending());
  (void)drain(pipe.reader.fd());
  CHECK(turned.turn());
  CHECK(writer.is_woken());
  CHECK(writer.poll().is_ready());
}

TEST_CASE("when the other side stops to send, reading is over, and writing is not") {
  Turned turned;
  Sockets sockets;
  const Registered registered = added(turned, sockets.one);
  REQUIRE(::shutdown(sockets.other.fd(), SHUT_WR) == 0);
  CHECK(turned.turn());
  CHECK(known(registered).is_read_closed());
  CHECK_FALSE(known(registered).is_write_closed());
}

TEST_CASE("when the other side is gone, both directions are woken, and closed") {
  Turned turned;
  Sockets sockets;
  const Registered registered = added(turned, sockets.one);
  (void)fill(sockets.one.fd());
  (void)turned.turn();
  registered->readiness().clear(registered->readiness().look(kBoth.mask()));
  auto reader = by_hand(Wait{*registered, Interest::kReadable});
  auto writer = by_hand(Wait{*registered, Interest::kWritable});
  CHECK(reader.poll().is_pending());
  CHECK(writer.poll().is_pending());
  close(std::move(sockets.other));
  CHECK(turned.turn());
  CHECK(reader.poll().value().ready.is_read_closed());
  CHECK(writer.poll().value().ready.is_write_closed());
}

TEST_CASE("an error is news for both directions") {
  Turned turned;
  Pipe pipe;
  const Registered registered = added(turned, pipe.writer);
  (void)fill(pipe.writer.fd());
  (void)turned.turn();
  registered->readiness().clear(registered->readiness().look(kBoth.mask()));
  auto reader = by_hand(Wait{*registered, Interest::kReadable});
  auto writer = by_hand(Wait{*registered, Interest::kWritable});
  CHECK(reader.poll().is_pending());
  CHECK(writer.poll().is_pending());
  step("nobody will ever read from the pipe: EPOLLERR");
  close(std::move(pipe.reader));
  CHECK(turned.turn());
  CHECK(known(registered).is_error());
  CHECK(reader.poll().is_ready());
  CHECK(writer.poll().is_ready());
}

TEST_CASE("the kernel reports nothing that nobody asked for, but always an end") {
  Turned turned;
  Sockets sockets;
  const Registered registered = added(turned, sockets.one, Interest::kPriority);
  put(sockets.other.fd(), "nothing urgent");
  CHECK_FALSE(turned.turn());
  auto urgent = by_hand(Wait{*registered, Interest::kPriority});
  CHECK(urgent.poll().is_pending());
  REQUIRE(::shutdown(sockets.other.fd(), SHUT_WR) == 0);
  CHECK(turned.turn());
  CHECK(urgent.poll().value().ready == Ready::kReadClosed);
}

TEST_CASE(
    "what is registered twice gives EEXIST, what is not registered ENOENT, and all else works") {
  Turned turned;
  Pipe pipe;
  Registered registered = added(turned, pipe.reader);
  CHECK(turned.reactor().add(pipe.reader.fd(), kBoth).error() == std::errc::file_exists);
  CHECK(registered.forget(pipe.writer.fd()).error() == std::errc::no_such_file_or_directory);
  CHECK(turned.reactor().size() == 1);
  auto reader = by_hand(Wait{*registered, Interest::kReadable});
  CHECK(reader.poll().is_pending());
  put(pipe.writer.fd(), "x");
  CHECK(turned.turn());
  CHECK(reader.is_woken());
  step("once it is forgotten, it can be registered again");
  CHECK(registered.forget(pipe.reader.fd()).has_value());
  const Registered again = added(turned, pipe.reader);
  CHECK(turned.turn());
  CHECK(known(again) == Ready::kReadable);
}

TEST_CASE("the shutdown wakes who waits, and nothing can be registered any more") {
  Turned turned;
  Pipe pipe;
  const Registered registered = added(turned, pipe.reader);
  auto reader = by_hand(Wait{*registered, Interest::kReadable});
  CHECK(reader.poll().is_pending());
  turned.driver().shut_down();
  CHECK(reader.is_woken());
  CHECK(reader.poll().value().is_shutdown);
  const auto late = turned.reactor().add(pipe.writer.fd(), kBoth);
  REQUIRE_FALSE(late.has_value());
  CHECK(nara::io::is_shutdown(late.error()));
}

TEST_CASE("a waker of the shutdown may destroy what was registered, and wait anew") {
  Turned turned;
  Pipe pipe;
  std::optional<Registered> doomed = added(turned, pipe.writer);
  const Registered registered = added(turned, pipe.reader);
  Calls calls;
  std::optional<Wait> wait(std::in_place, *registered, Interest::kReadable);
  calls.on_wake = [&] {
    doomed.reset();
    wait.reset();
    CHECK(by_hand(Wait{*registered, Interest::kReadable}).poll().value().is_shutdown);
  };
  const nara::Waker waker = calls.waker();
  nara::Context context(waker);
  CHECK(wait->poll(context).is_pending());
  turned.driver().shut_down();
  CHECK_FALSE(wait.has_value());
}
