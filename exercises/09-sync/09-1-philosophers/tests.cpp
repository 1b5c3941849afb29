// The tests of 09-1. The clock stands still, and skips to the next alarm when all tasks wait.
#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <nara/async.hpp>
#include <nara/join_set.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <string>
#include <table.hpp>
#include <testkit/diary.hpp>
#include <testkit/runtime.hpp>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

using nara::Async;
using nara::test::Diary;
using nara::test::run_paused;
using nara::test::step;
using nara::time::Duration;
using nara::time::sleep;
using nara::time::timeout;

namespace {

constexpr std::array kNames{"Plato", "Sappho", "Kant", "Arendt", "Zeno"};

/// A table, and who eats at it. It lives longer than the runtime, in case a task that was forgotten
/// still uses it.
class Room {
 public:
  class Guest final : public Philosopher {
   public:
    Async<> wipe(Fork& fork) override {
      ++fork.wiped;
      if (++room->wipes_since_meal_ > 100) FAIL("a hundred forks were wiped, and nobody has eaten");
      co_await sleep(10ms);
    }

    Async<> eat() override {
      room->wipes_since_meal_ = 0;
      room->sit_down(seat);
      const Meal meal(*this);
      co_await sleep(takes);
      ++meals;
    }

    Room* room = nullptr;
    std::size_t seat = 0;
    Duration takes = 50ms;
    int meals = 0;
    bool eats = false;

   private:
    struct Meal {
      explicit Meal(Guest& guest) : guest(guest) { guest.eats = true; }
      Meal(const Meal&) = delete;
      Meal& operator=(const Meal&) = delete;
      ~Meal() { guest.eats = false; }
      Guest& guest;
    };
  };

  Room() {
    for (std::size_t seat = 0; seat < Table::kSeats; ++seat) {
      guests[seat].room = this;
      guests[seat].seat = seat;
    }
  }

  Async<> dine(std::size_t seat) { co_await table.dine(seat, guests[seat]); }

  /// Adds a task that is called by the guest's name.
  void seat_down(nara::JoinSet<void>& tasks, std::size_t seat, Async<> meals) const {
    tasks.add(nara::TaskBuilder().name(kNames[seat]).spawn(std::move(meals)));
  }

  Table table;
  std::array<Guest, Table::kSeats> guests;
  int quarrels = 0;  ///< How often two neighbours ate at the same time.

 private:
  void sit_down(std::size_t seat) {
    const std::size_t left = (seat + Table::kSeats - 1) % Table::kSeats;
    const std::size_t right = (seat + 1) % Table::kSeats;
    if (guests[left].eats || guests[right].eats) ++quarrels;
  }

  int wipes_since_meal_ = 0;
};

/// Waits for all of them. Throws what one of them throws.
Async<> all(nara::JoinSet<void>& tasks) { co_await std::move(tasks).join_all(); }

/// Thinks and eats, some times.
Async<> live(Room& room, std::size_t seat, int meals) {
  for (int meal = 0; meal < meals; ++meal) {
    co_await sleep(1ms * ((meal * 17 + static_cast<int>(seat) * 29) % 40));
    co_await room.dine(seat);
  }
}

/// Does not wait for longer than that, nor eat.
Async<> lose_patience(Room& room, std::size_t seat, Duration patience) {
  auto meal = room.dine(seat);
  (void)co_await timeout(patience, std::move(meal));
}

}  // namespace

TEST_CASE("09-1 Philosophers: all five come at the same moment, and all eat") {
  Room room;
  run_paused([&]() -> Async<> {
    nara::JoinSet<void> tasks;
    step("five sit down at the same moment; to wipe a fork takes 10 ms, to eat 50 ms");
    for (std::size_t seat = 0; seat < Table::kSeats; ++seat) {
      room.seat_down(tasks, seat, room.dine(seat));
    }
    co_await all(tasks);
    for (const auto& guest : room.guests) CHECK(guest.meals == 1);
    step("no two neighbours have eaten at the same time");
    CHECK(room.quarrels == 0);
  });
}

TEST_CASE("09-1 Philosophers: they think and eat a hundred times, each in their own time") {
  Room room;
  run_paused([&]() -> Async<> {
    nara::JoinSet<void> tasks;
    for (std::size_t seat = 0; seat < Table::kSeats; ++seat) {
      room.guests[seat].takes = 10ms + 7ms * static_cast<int>(seat);
      room.seat_down(tasks, seat, live(room, seat, 100));
    }
    co_await all(tasks);
    for (const auto& guest : room.guests) CHECK(guest.meals == 100);
    CHECK(room.quarrels == 0);
  });
}

TEST_CASE("09-1 Philosophers: two who are not neighbours eat at the same time") {
  Room room;
  run_paused([&]() -> Async<> {
    for (std::size_t seat = 0; seat < Table::kSeats; ++seat) {
      const std::size_t other = (seat + 2) % Table::kSeats;
      step(kNames[seat], " and ", kNames[other], " come: both have eaten after 70 ms");
      nara::JoinSet<void> tasks;
      Diary diary;
      room.seat_down(tasks, seat, room.dine(seat));
      room.seat_down(tasks, other, room.dine(other));
      co_await all(tasks);
      CHECK(diary.ms() == 70);
    }
  });
}

TEST_CASE("09-1 Philosophers: who gives up puts back the forks") {
  Room room;
  run_paused([&]() -> Async<> {
    step("give up after 5, 15, 25, … 75 ms: in the middle of wiping, waiting, eating");
    Duration patience = -5ms;
    for (int time = 0; time < 8; ++time) {
      patience += 10ms;
      nara::JoinSet<void> tasks;
      for (std::size_t seat = 0; seat < Table::kSeats; ++seat) {
        room.seat_down(tasks, seat, lose_patience(room, seat, patience));
      }
      co_await all(tasks);
    }
    step("now each of them eats, alone");
    for (std::size_t seat = 0; seat < Table::kSeats; ++seat) {
      const int before = room.guests[seat].meals;
      co_await room.dine(seat);
      CHECK(room.guests[seat].meals == before + 1);
    }
    CHECK(room.quarrels == 0);
  });
}
