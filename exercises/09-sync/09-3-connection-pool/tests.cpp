// The tests of 09-3. The clock stands still, and skips to the next alarm when all tasks wait.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <nara/async.hpp>
#include <nara/join_set.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <optional>
#include <pool.hpp>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/diary.hpp>
#include <testkit/runtime.hpp>
#include <utility>

using namespace std::chrono_literals;

using nara::Async;
using nara::test::by_hand;
using nara::test::Diary;
using nara::test::run_paused;
using nara::test::step;
using nara::time::Duration;
using nara::time::sleep;

namespace {

/// Counts its connections. It lives longer than the runtime, in case a task that was forgotten
/// still uses it.
class Database final : public Server {
 public:
  class Line final : public Connection {
   public:
    explicit Line(Database& database) : database_(database), number_(++database.opened) {
      ++database.open;
      database.most_open = std::max(database.most_open, database.open);
    }
    ~Line() override { --database_.open; }
    bool is_broken() const noexcept override { return number_ <= database_.broken; }

   private:
    Database& database_;
    int number_;
  };

  Async<std::unique_ptr<Connection>> connect() override {
    co_await sleep(takes);
    std::unique_ptr<Connection> line;
    if (!refuses) line = std::make_unique<Line>(*this);
    co_return line;
  }

  /// Those that have been opened so far are broken.
  void break_all() { broken = opened; }

  Duration takes = 5ms;  ///< To connect.
  bool refuses = false;
  int opened = 0;     ///< How many there were.
  int open = 0;       ///< How many there are.
  int most_open = 0;  ///< How many there were at the same time.
  int broken = 0;     ///< The first so many.
};

/// What came out, and when.
std::string outcome(const Pool::Answer& answer) {
  if (answer) return "connection";
  return answer.error() == PoolError::kNoTime ? "no time" : "refused";
}

/// Takes a connection, writes down what came out, and keeps it for a while.
Async<> use(Pool& pool, Diary& diary, std::string name, Duration limit = 1h, Duration time = 10ms) {
  const auto lease = co_await pool.acquire(limit);
  diary.note(lease ? name : name + " " + outcome(lease));
  if (lease) co_await sleep(time);
}

}  // namespace

TEST_CASE("09-3 Connection pool: a connection that was given back is used again") {
  Database database;
  Pool pool(database, 3);
  run_paused([&]() -> Async<> {
    for (int round = 0; round < 3; ++round) {
      step("take a connection, and give it back");
      const auto lease = co_await pool.acquire(1h);
      CHECK(outcome(lease) == "connection");
      CHECK(pool.idle() == 0);
      CHECK(database.open == 1);
    }
    CHECK(pool.idle() == 1);
    CHECK(database.opened == 1);
  });
}

TEST_CASE("09-3 Connection pool: not more are open than there may be, and these are all used") {
  Database database;
  Pool pool(database, 3);
  run_paused([&]() -> Async<> {
    step("30 tasks share 3 connections: 5 ms to connect, and 10 times 10 ms to use them");
    Diary diary;
    nara::JoinSet<void> tasks;
    for (int task = 0; task < 30; ++task) tasks.spawn(use(pool, diary, "use"));
    co_await std::move(tasks).join_all();
    CHECK(diary.ms() == 105);
    CHECK(database.opened == 3);
    CHECK(database.most_open == 3);
    CHECK(pool.idle() == 3);
  });
}

TEST_CASE("09-3 Connection pool: who comes first is served first, and no longer than the limit") {
  Database database;
  Pool pool(database, 1);
  run_paused([&]() -> Async<> {
    step("A to E come, one after the other, to one connection; C waits for 12 ms at most");
    Diary diary;
    nara::JoinSet<void> tasks;
    tasks.spawn(use(pool, diary, "A"));
    tasks.spawn(use(pool, diary, "B"));
    tasks.spawn(use(pool, diary, "C", 12ms));
    tasks.spawn(use(pool, diary, "D"));
    tasks.spawn(use(pool, diary, "E"));
    co_await std::move(tasks).join_all();
    CHECK(diary.text() == "A 5, C no time 12, B 15, D 25, E 35");
  });
}

TEST_CASE("09-3 Connection pool: what is broken is closed, and not given to anybody") {
  Database database;
  Pool pool(database, 2);
  run_paused([&]() -> Async<> {
    {
      step("take two connections, which break while they are used");
      const auto one = co_await pool.acquire(1h);
      const auto other = co_await pool.acquire(1h);
      database.break_all();
    }
    CHECK(database.open == 0);
    CHECK(pool.idle() == 0);
    {
      step("take two new ones, and give them back: now they break");
      const auto one = co_await pool.acquire(1h);
      const auto other = co_await pool.acquire(1h);
      CHECK(database.opened == 4);
    }
    CHECK(pool.idle() == 2);
    database.break_all();
    step("take one: it is a new one");
    const auto lease = co_await pool.acquire(1h);
    REQUIRE(lease.has_value());
    CHECK_FALSE((*lease)->is_broken());
    CHECK(database.opened == 5);
    CHECK(database.most_open == 2);
  });
}

TEST_CASE("09-3 Connection pool: the server refuses, and later it does not") {
  Database database;
  Pool pool(database, 2);
  run_paused([&]() -> Async<> {
    step("five tasks want one of two connections");
    database.refuses = true;
    Diary diary;
    nara::JoinSet<void> tasks;
    for (int task = 0; task < 5; ++task) tasks.spawn(use(pool, diary, "use"));
    co_await std::move(tasks).join_all();
    CHECK(diary.text() ==
          "use refused 5, use refused 5, use refused 10, use refused 10, use refused 15");
    step("now the server is well: two connections are there");
    database.refuses = false;
    const auto one = co_await pool.acquire(1h);
    const auto other = co_await pool.acquire(1h);
    CHECK(outcome(one) == "connection");
    CHECK(outcome(other) == "connection");
  });
}

TEST_CASE("09-3 Connection pool: the limit is for everything, also for connecting") {
  Database database;
  Pool pool(database, 1);
  run_paused([&]() -> Async<> {
    step("to connect takes 100 ms, and the limit is 50");
    database.takes = 100ms;
    Diary diary;
    co_await use(pool, diary, "A", 50ms);
    CHECK(diary.text() == "A no time 50");
    step("the next one has time, and gets one; so does one who has no time at all, after that");
    co_await use(pool, diary, "B", 200ms);
    co_await use(pool, diary, "C", 0ms);
    CHECK(diary.text() == "A no time 50, B 150, C 160");
    CHECK(database.opened == 1);
  });
}

TEST_CASE("09-3 Connection pool: who has been chosen and gives up passes it on") {
  Database database;
  Pool pool(database, 1);
  run_paused([&]() -> Async<> {
    step("one has the connection, and two wait for it");
    auto answer = co_await pool.acquire(1h);
    std::optional<Pool::Answer> lease(std::move(answer));
    auto first = by_hand(pool.acquire(1h));
    auto second = by_hand(pool.acquire(1h));
    REQUIRE(first.poll().is_pending());
    REQUIRE(second.poll().is_pending());
    step("it is given back: the first is woken, and is destroyed before it has a turn");
    lease.reset();
    REQUIRE(first.is_woken());
    first.cancel();
    step("the second gets it");
    REQUIRE(second.is_woken());
    CHECK(second.poll().is_ready());
    CHECK(database.opened == 1);
  });
}

TEST_CASE("09-3 Connection pool: who gives up while it connects leaves its place to another") {
  Database database;
  Pool pool(database, 1);
  run_paused([&]() -> Async<> {
    auto first = by_hand(pool.acquire(1h));
    auto second = by_hand(pool.acquire(1h));
    step("the first one connects, and the second one waits");
    REQUIRE(first.poll().is_pending());
    REQUIRE(second.poll().is_pending());
    step("the first one is destroyed: the second one connects");
    first.cancel();
    REQUIRE(second.is_woken());
    REQUIRE(second.poll().is_pending());
    co_await sleep(5ms);
    CHECK(second.poll().is_ready());
    CHECK(database.opened == 1);
  });
}

TEST_CASE("09-3 Connection pool: while one connects, another takes what is idle") {
  Database database;
  Pool pool(database, 2);
  run_paused([&]() -> Async<> {
    Diary diary;
    co_await use(pool, diary, "A");
    step("B takes the connection, C opens another one, D comes at 25 ms when B is done");
    database.takes = 100ms;
    nara::JoinSet<void> tasks;
    tasks.spawn(use(pool, diary, "B", 1h, 5ms));
    tasks.spawn(use(pool, diary, "C"));
    co_await sleep(10ms);
    tasks.spawn(use(pool, diary, "D"));
    co_await std::move(tasks).join_all();
    CHECK(diary.text() == "A 5, B 15, D 25, C 115");
    CHECK(database.most_open == 2);
  });
}
