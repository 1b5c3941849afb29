// The tests of 08-2. The clock stands still, and skips to the next alarm when all tasks wait.
#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <logbook.hpp>
#include <nara/async.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <optional>
#include <string>
#include <testkit/diary.hpp>
#include <testkit/runtime.hpp>

using namespace std::chrono_literals;

using nara::Async;
using nara::test::Diary;
using nara::test::run_paused;
using nara::test::step;
using nara::time::Duration;
using nara::time::sleep;

namespace {

/// A station, a bell, and a book. They live longer than the runtime, in case a task that was
/// forgotten still uses them.
class House final : public Logbook {
 public:
  void write(const Report& report) override {
    const std::string text = std::to_string(report.warmth) + "/" + std::to_string(report.wind) +
                             "/" + std::to_string(report.rain);
    reports += (reports.empty() ? "" : " ") + text;
    diary_->note(text);
    if (++written == ring_after) stop.ring();
  }
  void mark() override { diary_->note("mark"); }

  /// Keeps the book until the bell rings, but not for ever.
  Async<> keep_book(Duration period) {
    diary_.emplace();
    const auto done = co_await nara::time::timeout(10s, keep(*this, station, period, stop));
    diary_->note(done ? "stop" : "it goes on for ever");
  }

  /// What is in the book, and when it was written.
  const std::string& text() const { return diary_->text(); }

  Station station;
  Bell stop;
  std::string reports;  ///< Without the times.
  int written = 0;
  int ring_after = -1;

 private:
  std::optional<Diary> diary_;
};

/// Sends the numbers, with a pause before each.
Async<> measure(House& house, Duration pause, int numbers) {
  for (int number = 1; number <= numbers; ++number) {
    co_await sleep(pause);
    house.station.send(number);
  }
}

Async<> ring_after(House& house, Duration delay) {
  co_await sleep(delay);
  house.stop.ring();
}

Async<> switch_off_after(House& house, Duration delay) {
  co_await sleep(delay);
  house.station.switch_off();
}

}  // namespace

TEST_CASE("08-2 Weather: reports, marks and the end") {
  House house;
  run_paused([&]() -> Async<> {
    step("numbers after 10, 20, 30 ms; a mark every 50 ms; the bell rings after 120 ms");
    (void)nara::spawn(measure(house, 10ms, 3));
    (void)nara::spawn(ring_after(house, 120ms));
    co_await house.keep_book(50ms);
    CHECK(house.text() == "1/2/3 30, mark 50, mark 100, stop 120");
  });
}

TEST_CASE("08-2 Weather: a mark in the middle of a report loses no number") {
  House house;
  run_paused([&]() -> Async<> {
    step("a number every 10 ms, six of them; a mark every 25 ms; the bell rings after 90 ms");
    (void)nara::spawn(measure(house, 10ms, 6));
    (void)nara::spawn(ring_after(house, 90ms));
    co_await house.keep_book(25ms);
    CHECK(house.text() == "mark 25, 1/2/3 30, mark 50, 4/5/6 60, mark 75, stop 90");
  });
}

TEST_CASE("08-2 Weather: whatever the pace of the marks, all reports are there") {
  std::array<House, 50> houses;
  std::string paces_that_lose;
  run_paused([&]() -> Async<> {
    step("a number every 7 ms, twelve of them; a mark every 1 ms, and then every 2, 3, … 50 ms");
    Duration pace = 0ms;
    for (House& house : houses) {
      pace += 1ms;
      (void)nara::spawn(measure(house, 7ms, 12));
      (void)nara::spawn(ring_after(house, 100ms));
      co_await house.keep_book(pace);
      const bool is_complete = house.reports == "1/2/3 4/5/6 7/8/9 10/11/12";
      if (!is_complete) paces_that_lose += std::to_string(pace / 1ms) + " ";
    }
    CHECK(paces_that_lose == "");
  });
}

TEST_CASE("08-2 Weather: after the bell nothing is written, however much is there") {
  House house;
  run_paused([&]() -> Async<> {
    step("a thousand reports are there; the bell rings while the fifth is written");
    for (int number = 1; number <= 3000; ++number) house.station.send(number);
    house.ring_after = 5;
    co_await house.keep_book(50ms);
    CHECK(house.written == 5);
    step("begin twenty times more, when it has rung already");
    for (int again = 0; again < 20; ++again) co_await house.keep_book(50ms);
    CHECK(house.written == 5);
  });
}

TEST_CASE("08-2 Weather: when the station is off, the marks go on, and it is not asked again") {
  House house;
  run_paused([&]() -> Async<> {
    step("numbers after 10, 20, 30, 40 ms; off after 45 ms; the bell rings after 120 ms");
    (void)nara::spawn(measure(house, 10ms, 4));
    (void)nara::spawn(switch_off_after(house, 45ms));
    (void)nara::spawn(ring_after(house, 120ms));
    co_await house.keep_book(50ms);
    CHECK(house.text() == "1/2/3 30, mark 50, mark 100, stop 120");
  });
}

TEST_CASE("08-2 Weather: a station that was off from the beginning") {
  House house;
  run_paused([&]() -> Async<> {
    house.station.switch_off();
    (void)nara::spawn(ring_after(house, 120ms));
    co_await house.keep_book(50ms);
    CHECK(house.text() == "mark 50, mark 100, stop 120");
  });
}
