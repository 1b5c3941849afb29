// A lock that tasks wait for.
#include <doctest/doctest.h>

#include <memory>
#include <nara/join_handle.hpp>
#include <nara/misuse.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/mutex.hpp>
#include <optional>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "turns.hpp"

using nara::Async;
using nara::JoinHandle;
using nara::Misuse;
using nara::sync::Mutex;
using nara::sync::MutexGuard;
using nara::test::by_hand;
using nara::test::run;
using nara::test::step;

TEST_CASE("who locks a free mutex has it at once, until the guard goes") {
  Mutex<int> mutex(7);
  auto lock = by_hand(mutex.lock());
  {
    const MutexGuard<int> guard = lock.poll().value();
    CHECK(*guard == 7);
    *guard = 8;
    CHECK_FALSE(mutex.try_lock().has_value());
  }
  CHECK(lock.wakes() == 0);
  const auto again = mutex.try_lock();
  REQUIRE(again.has_value());
  CHECK(**again == 8);
}

TEST_CASE("while a mutex is locked, the next one waits, and is woken when the guard goes") {
  Mutex<int> mutex(7);
  std::optional<MutexGuard<int>> first = mutex.try_lock();
  auto second = by_hand(mutex.lock());
  CHECK(second.poll().is_pending());
  CHECK_FALSE(mutex.try_lock().has_value());
  first.reset();
  CHECK(second.wakes() == 1);
  step("the lock belongs to the second one now, though it was not polled");
  CHECK_FALSE(mutex.try_lock().has_value());
  CHECK(second.poll().is_ready());
  CHECK(mutex.try_lock().has_value());
}

TEST_CASE("those who wait for a mutex get it in the order of their first polls") {
  run([]() -> Async<> {
    Mutex<std::vector<int>> mutex;
    std::optional guard = mutex.try_lock();
    std::vector<JoinHandle<void>> tasks;
    for (int number = 0; number < 10; ++number) {
      tasks.push_back(nara::spawn([&mutex, number]() -> Async<> {
        const auto mine = co_await mutex.lock();
        co_await let_run();
        mine->push_back(number);
      }));
    }
    co_await let_run();
    guard.reset();
    for (JoinHandle<void>& task : tasks) (void)co_await task;
    CHECK(mutex.get() == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  });
}

TEST_CASE("a task that is aborted while it has the lock, or waits for it, is in nobody's way") {
  run([]() -> Async<> {
    Mutex<int> mutex(7);
    const auto hold = [&]() -> Async<> {
      const auto guard = co_await mutex.lock();
      co_await nara::pending();
    };
    JoinHandle<void> holder = nara::spawn(hold);
    JoinHandle<void> waiter = nara::spawn(hold);
    co_await let_run();
    waiter.abort();
    co_await let_run();
    CHECK_FALSE(mutex.try_lock().has_value());
    holder.abort();
    const auto guard = co_await mutex.lock();
    CHECK(*guard == 7);
  });
}

TEST_CASE("who is destroyed when it has its turn passes the lock on") {
  Mutex<int> mutex(7);
  std::optional first = mutex.try_lock();
  auto second = by_hand(mutex.lock());
  auto third = by_hand(mutex.lock());
  CHECK(second.poll().is_pending());
  CHECK(third.poll().is_pending());
  first.reset();
  second.cancel();
  CHECK(third.is_woken());
  third.cancel();
  CHECK(mutex.try_lock().has_value());
}

TEST_CASE("tasks that wait while they have the lock never see each other's half of the work") {
  run([]() -> Async<> {
    Mutex<int> mutex(0);
    std::vector<JoinHandle<void>> tasks;
    for (int number = 0; number < 10; ++number) {
      tasks.push_back(nara::spawn([&mutex]() -> Async<> {
        for (int i = 0; i < 10; ++i) {
          const auto guard = co_await mutex.lock();
          const int before = *guard;
          co_await let_run();
          *guard = before + 1;
        }
      }));
    }
    for (JoinHandle<void>& task : tasks) (void)co_await task;
    CHECK(mutex.get() == 100);
  });
}

TEST_CASE("a guard can be moved, and what it is assigned to unlocks what that had") {
  Mutex<std::string> one("one");
  Mutex<std::string> two("two");
  MutexGuard<std::string> guard = *one.try_lock();
  CHECK(guard->size() == 3);
  guard = *two.try_lock();
  CHECK(*guard == "two");
  CHECK(one.try_lock().has_value());
  CHECK_FALSE(two.try_lock().has_value());
  const MutexGuard<std::string> other = std::move(guard);
  CHECK(*other == "two");
  CHECK_THROWS_WITH_AS((void)*guard, doctest::Contains("moved away"), Misuse);
}

TEST_CASE("a guard can lead to a part of the value, which stays locked for as long") {
  struct Account {
    std::string owner;
    int balance;
  };
  Mutex<Account> mutex(Account{.owner = "Ada", .balance = 10});
  {
    const MutexGuard<int> balance =
        mutex.try_lock().value().map([](Account& account) -> int& { return account.balance; });
    *balance = 11;
    CHECK_FALSE(mutex.try_lock().has_value());
  }
  std::optional guard = mutex.try_lock();
  CHECK((*guard)->balance == 11);
  const auto name =
      std::move(*guard).map([](Account& account) -> const std::string& { return account.owner; });
  CHECK(*name == "Ada");
  CHECK_THROWS_AS((void)std::move(*guard).map([](Account& account) -> Account& { return account; }),
                  Misuse);
}

TEST_CASE("a guard that owns its mutex can be moved to another thread, and unlocks it there") {
  auto mutex = std::make_shared<Mutex<std::string>>("kept");
  const std::weak_ptr<Mutex<std::string>> watch = mutex;
  auto lock = by_hand(Mutex<std::string>::lock_owned(mutex));
  auto guard = lock.poll().value();
  CHECK_FALSE(Mutex<std::string>::try_lock_owned(mutex).has_value());
  auto next = by_hand(Mutex<std::string>::lock_owned(std::move(mutex)));
  CHECK(next.poll().is_pending());
  std::thread([held = std::move(guard)]() mutable {
    held->append(" and passed on");
    const auto gone = std::move(held);
  }).join();
  CHECK(next.is_woken());
  {
    const auto last = next.poll().value();
    CHECK(*last == "kept and passed on");
    CHECK_FALSE(watch.expired());
  }
  CHECK(watch.expired());
}

TEST_CASE("a guard may be the last one that knows its mutex") {
  const auto guard = Mutex<int>::try_lock_owned(std::make_shared<Mutex<int>>(7))
                         .value()
                         .map([](int& value) -> int& { return value; });
  CHECK(*guard == 7);
}

TEST_CASE("who waits for an owned guard keeps the mutex alive") {
  auto mutex = std::make_shared<Mutex<int>>(7);
  const std::weak_ptr<Mutex<int>> watch = mutex;
  auto lock = by_hand(Mutex<int>::lock_owned(std::move(mutex)));
  CHECK_FALSE(watch.expired());
  {
    const auto part = lock.poll().value().map([](int& value) -> int& { return value; });
    CHECK(*part == 7);
    CHECK_FALSE(watch.expired());
  }
  CHECK(watch.expired());
}

TEST_CASE("a thread that runs no tasks can wait for a mutex") {
  Mutex<int> mutex(7);
  {
    CHECK(*mutex.blocking_lock() == 7);
  }
  std::optional guard = mutex.try_lock();
  std::thread thread([&] { *mutex.blocking_lock() += 1; });
  **guard = 9;
  guard.reset();
  thread.join();
  CHECK(mutex.get() == 10);
}

TEST_CASE("inside of a task, blocking_lock() is a misuse that says what to do") {
  run([]() -> Async<> {
    Mutex<int> mutex(7);
    CHECK_THROWS_WITH_AS((void)mutex.blocking_lock(),
                         doctest::Contains("Mutex::blocking_lock() was called inside of a task"),
                         Misuse);
    CHECK(mutex.try_lock().has_value());
    co_return;
  });
}

TEST_CASE("a mutex keeps what can only be moved, and gives it back") {
  Mutex<std::unique_ptr<int>> mutex;
  CHECK(**mutex.try_lock() == nullptr);
  mutex.get() = std::make_unique<int>(7);
  const std::unique_ptr<int> value = std::move(mutex).into_inner();
  CHECK(*value == 7);
}

TEST_CASE("to poll a lock() again after it was ready is a misuse") {
  Mutex<int> mutex(7);
  auto lock = by_hand(mutex.lock());
  (void)lock.poll();
  CHECK_THROWS_WITH_AS((void)lock.poll(), doctest::Contains("Mutex::lock() was polled again"),
                       Misuse);
}
