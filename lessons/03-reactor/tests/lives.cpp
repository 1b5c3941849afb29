// Descriptors that come and go: an event is about the one that it was reported for, and no other.
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

using nara::OwnedFd;
using nara::detail::Registered;
using nara::detail::Registration;
using nara::io::Interest;
using nara::io::Ready;
using nara::test::by_hand;
using nara::test::step;

TEST_CASE("a descriptor that is closed gives no event, although one was on its way") {
  Turned turned;
  Pipe pipe;
  std::optional<Registered> registered = added(turned, pipe.reader);
  put(pipe.writer.fd(), "x");
  close(std::move(pipe.reader));
  registered.reset();
  CHECK_FALSE(turned.turn());
  CHECK(turned.reactor().size() == 0);
}

TEST_CASE("what is reported of a descriptor that is gone is nothing to the next one") {
  Registration registration;
  const std::uint64_t old_name = registration.name();
  registration.end_life();
  auto reader = by_hand(Wait(registration, Interest::kReadable));
  CHECK(reader.poll().is_pending());
  Registration::deliver(old_name, Ready::kReadable);
  CHECK_FALSE(reader.is_woken());
  CHECK(reader.poll().is_pending());
  deliver(registration, Ready::kReadable);
  CHECK(reader.poll().is_ready());
}

TEST_CASE("an event is never taken for one of the descriptor that has the number now") {
  Turned turned;
  Pipe first;
  Pipe second;
  Pipe third;
  step("two descriptors are ready, so that their events come together");
  const Registered one = added(turned, first.reader);
  std::optional<Registered> two = added(turned, second.reader);
  put(first.writer.fd(), "x");
  put(second.writer.fd(), "x");
  step("who is woken by the first event closes the second, and another gets its number");
  const int number = second.reader.fd();
  OwnedFd reused;
  std::optional<Registered> another;
  Calls calls;
  calls.on_wake = [&] {
    close(std::move(second.reader));
    two.reset();
    reused = OwnedFd(::dup3(third.reader.fd(), number, O_CLOEXEC));
    another = added(turned, reused);
  };
  Wait wait{*one, Interest::kReadable};
  const nara::Waker waker = calls.waker();
  nara::Context context(waker);
  CHECK(wait.poll(context).is_pending());
  CHECK(turned.turn());
  REQUIRE(another.has_value());
  CHECK(reused.fd() == number);
  CHECK(known(*another).is_empty());
  put(third.writer.fd(), "x");
  CHECK(turned.turn());
  CHECK(known(*another) == Ready::kReadable);
}

TEST_CASE("more descriptors may be ready than are taken from the kernel at once") {
  constexpr int kDescriptors = 1500;
  Turned turned;
  std::vector<OwnedFd> descriptors;
  std::vector<Registered> all;
  for (int number = 0; number < kDescriptors; ++number) {
    descriptors.push_back(nara::sys::eventfd().value());
    all.push_back(added(turned, descriptors.back()));
  }
  while (turned.turn()) {
  }
  for (const Registered& registered : all) CHECK(known(registered) == Ready::kWritable);
  descriptors.clear();
}

TEST_CASE("the reactor knows how many descriptors it has, and the driver that they may wake it") {
  Turned turned;
  CHECK_FALSE(turned.driver().may_end_by_itself());
  {
    Pipe pipe;
    const Registered reader = added(turned, pipe.reader);
    const Registered writer = added(turned, pipe.writer);
    CHECK(turned.reactor().size() == 2);
    CHECK(turned.driver().may_end_by_itself());
  }
  CHECK(turned.reactor().size() == 0);
  CHECK_FALSE(turned.driver().may_end_by_itself());
}

TEST_CASE("the end of a descriptor that has a copy says nothing about the next one") {
  Turned turned;
  Sockets first;
  step("close a descriptor of which there is a copy: the kernel does not forget it");
  const OwnedFd copy(::dup(first.one.fd()));
  {
    const Registered closed = added(turned, first.one);
  }
  first.one = OwnedFd();
  while (turned.turn()) {
  }
  step("let the next descriptor have its registration");
  const Sockets second;
  const Registered next = added(turned, second.one);
  while (turned.turn()) {
  }
  step("the connection of the first one ends");
  first.other = OwnedFd();
  while (turned.turn()) {
  }
  CHECK(known(next) == Ready::kWritable);
}
