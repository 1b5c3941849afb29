// The readiness word alone, step by step: what is known about a descriptor, and who may forget it.
#include <doctest/doctest.h>
#include <pthread.h>

#include <atomic>
#include <csignal>
#include <nara/detail/readiness.hpp>
#include <testkit/steps.hpp>
#include <thread>

#include "printed.hpp"

using nara::detail::Readiness;
using nara::detail::ReadyEvent;
using nara::io::Interest;
using nara::io::Ready;
using nara::test::step;

namespace {

constexpr Ready kToRead = Interest::kReadable.mask();
constexpr Ready kToWrite = Interest::kWritable.mask();
constexpr Ready kAll = kToRead | kToWrite;

/// An event comes in the middle of what a thread does: a signal handler is the driver.
struct Interrupt {
  static inline Readiness* readiness = nullptr;
  static inline std::atomic<int> events = 0;

  static void deliver(int) {
    readiness->add(Ready::kReadable);
    ++events;
  }
};

}  // namespace

TEST_CASE("nothing is known about a descriptor before its first event") {
  const Readiness readiness;
  const ReadyEvent event = readiness.look(kAll);
  CHECK(event.ready.is_empty());
  CHECK_FALSE(event.is_shutdown);
  CHECK(event.is_nothing());
}

TEST_CASE("what an event brings is seen by those who ask for it") {
  Readiness readiness;
  readiness.add(Ready::kReadable);
  CHECK(readiness.look(kToRead).ready == Ready::kReadable);
  CHECK_FALSE(readiness.look(kToRead).is_nothing());
  CHECK(readiness.look(kToWrite).is_nothing());
}

TEST_CASE("a look takes nothing away") {
  Readiness readiness;
  readiness.add(Ready::kReadable);
  (void)readiness.look(kToRead);
  CHECK(readiness.look(kToRead).ready == Ready::kReadable);
}

TEST_CASE("what several events bring adds up") {
  Readiness readiness;
  readiness.add(Ready::kReadable);
  readiness.add(Ready::kWritable);
  CHECK(readiness.look(kAll).ready == (Ready::kReadable | Ready::kWritable));
}

TEST_CASE("every event is counted, also one that brings nothing new") {
  Readiness readiness;
  const std::uint16_t before = readiness.look(kAll).tick;
  readiness.add(Ready::kReadable);
  CHECK(readiness.look(kAll).tick == before + 1);
  readiness.add(Ready::kReadable);
  CHECK(readiness.look(kAll).tick == before + 2);
}

TEST_CASE("who has tried in vain clears what it has seen, and nothing else") {
  Readiness readiness;
  readiness.add(Ready::kReadable | Ready::kWritable);
  const ReadyEvent seen = readiness.look(kToRead);
  step("read: EAGAIN");
  readiness.clear(seen);
  CHECK(readiness.look(kToRead).is_nothing());
  CHECK(readiness.look(kToWrite).ready == Ready::kWritable);
}

TEST_CASE("an event that comes between the look and the clear survives") {
  Readiness readiness;
  readiness.add(Ready::kReadable);
  const ReadyEvent seen = readiness.look(kToRead);
  step("read: EAGAIN; and now, new bytes come");
  readiness.add(Ready::kReadable);
  readiness.clear(seen);
  CHECK(readiness.look(kToRead).ready == Ready::kReadable);
  step("the newest may be cleared");
  readiness.clear(readiness.look(kToRead));
  CHECK(readiness.look(kToRead).is_nothing());
}

TEST_CASE("two who have seen the same event may both clear it, but not the one after it") {
  Readiness readiness;
  readiness.add(Ready::kReadable);
  const ReadyEvent seen = readiness.look(kToRead);
  readiness.clear(seen);
  readiness.clear(seen);
  CHECK(readiness.look(kToRead).is_nothing());
  readiness.add(Ready::kReadable);
  readiness.clear(seen);
  CHECK(readiness.look(kToRead).ready == Ready::kReadable);
}

TEST_CASE("reader and writer who have seen the same event both clear their part of it") {
  Readiness readiness;
  readiness.add(Ready::kReadable | Ready::kWritable);
  const ReadyEvent reader = readiness.look(kToRead);
  const ReadyEvent writer = readiness.look(kToWrite);
  readiness.clear(reader);
  readiness.clear(writer);
  CHECK(readiness.look(kAll).is_nothing());
}

TEST_CASE("what is closed stays closed") {
  Readiness readiness;
  readiness.add(Ready::kReadable | Ready::kReadClosed | Ready::kWriteClosed);
  readiness.clear(readiness.look(kAll));
  CHECK(readiness.look(kToRead).ready == Ready::kReadClosed);
  CHECK(readiness.look(kToWrite).ready == Ready::kWriteClosed);
}

TEST_CASE("after the shutdown everybody is told, whatever was known, and whatever else comes") {
  Readiness readiness;
  readiness.add(Ready::kReadable);
  const ReadyEvent seen = readiness.look(kToRead);
  readiness.shut_down();
  CHECK(readiness.look(kToWrite).is_shutdown);
  CHECK_FALSE(readiness.look(kToWrite).is_nothing());
  readiness.clear(seen);
  readiness.add(Ready::kWritable);
  CHECK(readiness.look(kToRead).is_shutdown);
}

TEST_CASE("another descriptor's life begins with nothing, and what was seen before is old") {
  Readiness readiness;
  readiness.add(Ready::kReadable | Ready::kReadClosed);
  const ReadyEvent seen = readiness.look(kToRead);
  readiness.begin();
  CHECK(readiness.look(kAll).is_nothing());
  readiness.add(Ready::kReadable);
  step("somebody clears what it has seen in the life before");
  readiness.clear(seen);
  CHECK(readiness.look(kToRead).ready == Ready::kReadable);
}

TEST_CASE("the count of events starts again after 2^15, and touches nothing else") {
  Readiness readiness;
  readiness.add(Ready::kReadable);
  const std::uint16_t first = readiness.look(kAll).tick;
  for (int event = 0; event < 1 << 15; ++event) {
    CHECK_FALSE(readiness.look(kAll).is_shutdown);
    readiness.add(Ready::kReadable);
  }
  CHECK(readiness.look(kAll).tick == first);
  CHECK_FALSE(readiness.look(kAll).is_shutdown);
  CHECK(readiness.look(kAll).ready == Ready::kReadable);
}

TEST_CASE("an event in the middle of clear() is not lost") {
  constexpr int kEvents = 500;
  Readiness readiness;
  Interrupt::readiness = &readiness;
  std::signal(SIGUSR1, Interrupt::deliver);
  std::thread driver([reader = ::pthread_self()] {
    for (int events = 0; events < kEvents; ++events) {
      ::pthread_kill(reader, SIGUSR1);
      while (Interrupt::events == events) std::this_thread::yield();
    }
  });
  step("look and clear, over and over, while events come at any moment");
  int lost = 0;
  while (Interrupt::events < kEvents) {
    const ReadyEvent seen = readiness.look(kToRead);
    const int before = Interrupt::events;
    readiness.clear(seen);
    const bool has_come = Interrupt::events > before;
    if (has_come && readiness.look(kToRead).is_nothing()) ++lost;
  }
  driver.join();
  std::signal(SIGUSR1, SIG_DFL);
  CHECK(lost == 0);
}
