// Many who read, or one who writes.
#include <doctest/doctest.h>

#include <memory>
#include <nara/join_handle.hpp>
#include <nara/misuse.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/rw_lock.hpp>
#include <optional>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <thread>
#include <type_traits>
#include <utility>

#include "turns.hpp"

using nara::Async;
using nara::Misuse;
using nara::sync::RwLock;
using nara::sync::RwLockReadGuard;
using nara::sync::RwLockWriteGuard;
using nara::test::by_hand;
using nara::test::run;

TEST_CASE("several may read at the same time, and none of them can write") {
  RwLock<int> lock(7);
  auto first = by_hand(lock.read());
  auto second = by_hand(lock.read());
  const RwLockReadGuard<int> one = first.poll().value();
  const RwLockReadGuard<int> two = second.poll().value();
  CHECK(*one + *two == 14);
  static_assert(std::is_same_v<decltype(*one), const int&>);
  CHECK(lock.try_read().has_value());
  CHECK_FALSE(lock.try_write().has_value());
}

TEST_CASE("who writes is alone, and waits for all who read") {
  RwLock<int> lock(7);
  std::optional first = lock.try_read();
  std::optional second = lock.try_read();
  auto write = by_hand(lock.write());
  CHECK(write.poll().is_pending());
  first.reset();
  CHECK_FALSE(write.is_woken());
  second.reset();
  CHECK(write.wakes() == 1);
  {
    const RwLockWriteGuard<int> guard = write.poll().value();
    *guard = 8;
    CHECK_FALSE(lock.try_read().has_value());
    CHECK_FALSE(lock.try_write().has_value());
  }
  CHECK(**lock.try_read() == 8);
}

TEST_CASE("those who wait to read are all let in when the writer goes") {
  RwLock<int> lock(7);
  std::optional writer = lock.try_write();
  auto first = by_hand(lock.read());
  auto second = by_hand(lock.read());
  CHECK(first.poll().is_pending());
  CHECK(second.poll().is_pending());
  writer.reset();
  CHECK(first.is_woken());
  CHECK(second.is_woken());
  const auto one = first.poll().value();
  const auto two = second.poll().value();
  CHECK(*one == *two);
}

TEST_CASE("who comes to read while somebody waits to write stands behind that one") {
  RwLock<int> lock(7);
  std::optional reader = lock.try_read();
  auto write = by_hand(lock.write());
  auto read = by_hand(lock.read());
  CHECK(write.poll().is_pending());
  CHECK(read.poll().is_pending());
  CHECK_FALSE(lock.try_read().has_value());
  reader.reset();
  CHECK(write.is_woken());
  CHECK_FALSE(read.is_woken());
  (void)write.poll();
  CHECK(read.is_woken());
  CHECK(read.poll().is_ready());
}

TEST_CASE("when a writer goes away that waits, those behind it can read at once") {
  RwLock<int> lock(7);
  const std::optional reader = lock.try_read();
  auto write = by_hand(lock.write());
  auto read = by_hand(lock.read());
  CHECK(write.poll().is_pending());
  CHECK(read.poll().is_pending());
  write.cancel();
  CHECK(read.is_woken());
  CHECK(read.poll().is_ready());
  CHECK(lock.try_read().has_value());
}

TEST_CASE("a writer can become a reader, without anybody else writing in between") {
  RwLock<int> lock(7);
  std::optional guard = lock.try_write();
  auto read = by_hand(lock.read());
  auto write = by_hand(lock.write());
  CHECK(read.poll().is_pending());
  CHECK(write.poll().is_pending());
  **guard = 8;
  {
    const RwLockReadGuard<int> mine = std::move(*guard).downgrade();
    CHECK(*mine == 8);
    CHECK(read.is_woken());
    {
      const RwLockReadGuard<int> other = read.poll().value();
      CHECK(*other == 8);
      CHECK_FALSE(write.is_woken());
    }
    CHECK_FALSE(write.is_woken());
  }
  CHECK(write.is_woken());
  CHECK_THROWS_WITH_AS((void)std::move(*guard).downgrade(), doctest::Contains("moved away"),
                       Misuse);
}

TEST_CASE("no more than so many can read at a time") {
  RwLock<int> lock(7, 2);
  std::optional first = lock.try_read();
  const std::optional second = lock.try_read();
  CHECK_FALSE(lock.try_read().has_value());
  auto third = by_hand(lock.read());
  CHECK(third.poll().is_pending());
  first.reset();
  CHECK(third.is_woken());
  (void)third.poll();
  auto write = by_hand(lock.write());
  CHECK(write.poll().is_pending());
}

TEST_CASE("a lock that nobody can read, or too many, is a misuse") {
  for (const std::size_t readers : {std::size_t{0}, RwLock<int>::kMaxReaders + 1}) {
    CHECK_THROWS_WITH_AS(RwLock<int>(7, readers), doctest::Contains("kMaxReaders"), Misuse);
  }
  RwLock<int> lock(7, RwLock<int>::kMaxReaders);
  CHECK(lock.try_write().has_value());
  CHECK(lock.try_read().has_value());
}

TEST_CASE("guards can lead to parts: to read one, or to write one") {
  struct Point {
    int x;
    int y;
  };
  RwLock<Point> lock(Point{.x = 1, .y = 2});
  {
    const auto x = lock.try_write().value().map([](Point& point) -> int& { return point.x; });
    *x = 10;
    CHECK_FALSE(lock.try_read().has_value());
  }
  {
    const RwLockReadGuard<int> y =
        lock.try_read().value().map([](const Point& point) -> const int& { return point.y; });
    CHECK(*y == 2);
    CHECK_FALSE(lock.try_write().has_value());
  }
  CHECK((*lock.try_write())->x == 10);
}

TEST_CASE("a write guard that is assigned to lets others in") {
  RwLock<int> one(1);
  RwLock<int> two(2);
  RwLockWriteGuard<int> guard = *one.try_write();
  guard = *two.try_write();
  CHECK(*guard == 2);
  CHECK(one.try_write().has_value());
  CHECK_FALSE(two.try_read().has_value());
}

TEST_CASE("guards that own their lock keep it alive, on any thread, also when downgraded") {
  using Lock = RwLock<std::string>;
  auto lock = std::make_shared<Lock>("kept");
  const std::weak_ptr<Lock> watch = lock;
  auto read = by_hand(Lock::read_owned(lock));
  auto write = by_hand(Lock::write_owned(lock));
  {
    const auto guard = read.poll().value();
    CHECK(guard->size() == 4);
    CHECK(write.poll().is_pending());
    CHECK_FALSE(Lock::try_read_owned(lock).has_value());
  }
  CHECK(write.is_woken());
  CHECK_FALSE(Lock::try_write_owned(std::move(lock)).has_value());
  auto guard = write.poll().value();
  std::thread([held = std::move(guard), &watch]() mutable {
    held->append(" there");
    const auto mine = std::move(held).downgrade();
    CHECK(*Lock::try_read_owned(watch.lock()).value() == "kept there");
    CHECK_FALSE(watch.expired());
  }).join();
  CHECK(watch.expired());
}

TEST_CASE("a guard may be the last one that knows its lock") {
  const auto guard =
      RwLock<int>::try_write_owned(std::make_shared<RwLock<int>>(7)).value().downgrade();
  CHECK(*guard == 7);
}

TEST_CASE("an owned guard to write can be had at once") {
  auto lock = std::make_shared<RwLock<int>>(7);
  {
    const auto guard = RwLock<int>::try_write_owned(lock);
    REQUIRE(guard.has_value());
    CHECK(**guard == 7);
    CHECK_FALSE(lock->try_read().has_value());
  }
  CHECK(RwLock<int>::try_read_owned(lock).has_value());
}

TEST_CASE("a thread that runs no tasks can wait to read and to write") {
  RwLock<int> lock(7);
  std::optional reader = lock.try_read();
  CHECK(*lock.blocking_read() == 7);
  std::thread thread([&] { *lock.blocking_write() = 8; });
  reader.reset();
  thread.join();
  CHECK(*lock.blocking_read() == 8);
}

TEST_CASE("inside of a task, to block is a misuse that says what to do") {
  run([]() -> Async<> {
    RwLock<int> lock(7);
    CHECK_THROWS_WITH_AS((void)lock.blocking_read(),
                         doctest::Contains("RwLock::blocking_read() was called inside of a task"),
                         Misuse);
    CHECK_THROWS_WITH_AS((void)lock.blocking_write(),
                         doctest::Contains("RwLock::blocking_write() was called inside of a task"),
                         Misuse);
    co_return;
  });
}

TEST_CASE("readers and writers take turns, and the sum is exact") {
  run([]() -> Async<> {
    RwLock<int> lock;
    std::vector<nara::JoinHandle<void>> tasks;
    for (int number = 0; number < 4; ++number) {
      tasks.push_back(nara::spawn([&]() -> Async<> {
        for (int i = 0; i < 25; ++i) {
          auto guard = co_await lock.write();
          const int before = *guard;
          co_await let_run();
          *guard = before + 1;
          const auto mine = std::move(guard).downgrade();
          co_await let_run();
          CHECK(*mine == before + 1);
        }
      }));
    }
    for (auto& task : tasks) (void)co_await task;
    CHECK(lock.get() == 100);
    CHECK(std::move(lock).into_inner() == 100);
  });
}

TEST_CASE("to poll a read() or a write() again after it was ready is a misuse") {
  RwLock<int> lock(7);
  auto read = by_hand(lock.read());
  (void)read.poll();
  CHECK_THROWS_WITH_AS((void)read.poll(), doctest::Contains("RwLock::read() was polled"), Misuse);
  auto write = by_hand(lock.write());
  (void)write.poll();
  CHECK_THROWS_WITH_AS((void)write.poll(), doctest::Contains("RwLock::write() was polled"), Misuse);
}
