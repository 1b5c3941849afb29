// A logbook of the weather: what a station measures, and a mark every so often.
#pragma once

#include <array>
#include <deque>
#include <nara/async.hpp>
#include <nara/future.hpp>
#include <nara/misuse.hpp>
#include <nara/select.hpp>
#include <nara/time/interval.hpp>
#include <nara/time/pause.hpp>
#include <nara/waker.hpp>
#include <optional>
#include <utility>

/// Given. What a weather station sends: numbers, one by one, until it is switched off.
class Station {
 public:
  void send(int number) {
    numbers_.push_back(number);
    wake();
  }
  void switch_off() {
    is_off_ = true;
    wake();
  }

  /// Waits for the next number. Gives nothing, once, when the station is off; asked again after
  /// that, it throws. Cancel safe: it takes a number in the poll that is ready with it.
  auto next() {
    return nara::poll_fn([this](nara::Context& context) { return poll_next(context); });
  }

 private:
  nara::Poll<std::optional<int>> poll_next(nara::Context& context) {
    if (has_said_so_) throw nara::Misuse("the station is off, and was asked for more");
    if (numbers_.empty() && !is_off_) {
      reader_.clone_from(context.waker());
      return nara::kPending;
    }
    has_said_so_ = numbers_.empty();
    if (has_said_so_) return std::optional<int>();
    const int number = numbers_.front();
    numbers_.pop_front();
    return std::optional(number);
  }

  void wake() { std::exchange(reader_, nara::Waker::noop()).wake(); }

  std::deque<int> numbers_;
  bool is_off_ = false;
  bool has_said_so_ = false;
  nara::Waker reader_ = nara::Waker::noop();
};

/// Given. It rings once, and then it has rung for good.
class Bell {
 public:
  void ring() {
    has_rung_ = true;
    std::exchange(listener_, nara::Waker::noop()).wake();
  }

  /// Waits until it has rung. Cancel safe.
  auto rung() {
    return nara::poll_fn([this](nara::Context& context) -> nara::Poll<void> {
      if (has_rung_) return nara::kReady;
      listener_.clone_from(context.waker());
      return nara::kPending;
    });
  }

 private:
  bool has_rung_ = false;
  nara::Waker listener_ = nara::Waker::noop();
};

/// Given. Three numbers, in this order.
struct Report {
  int warmth;
  int wind;
  int rain;
};

/// Given. Collects the next report. Gives nothing when the station is switched off before it is
/// complete. Cancel safety: none. The numbers that it has already go with it.
inline nara::Async<std::optional<Report>> receive(Station& station) {
  std::array<int, 3> numbers{};
  for (int& number : numbers) {
    const std::optional<int> next = co_await station.next();
    if (!next) co_return std::nullopt;
    number = *next;
  }
  co_return Report(numbers[0], numbers[1], numbers[2]);
}

/// Given. Where it is all written down.
class Logbook {
 public:
  Logbook() = default;
  Logbook(const Logbook&) = delete;
  Logbook& operator=(const Logbook&) = delete;
  virtual ~Logbook() = default;

  virtual void write(const Report& report) = 0;
  virtual void mark() = 0;
};

/// Writes each report of the station into the book, and a mark after each `period`, until `stop`
/// has rung; from then on, nothing. When the station is switched off, it goes on with the marks.
inline nara::Async<> keep(Logbook& book, Station& station, nara::time::Duration period,
                          Bell& stop) {
  bool is_over = false;
  nara::time::Interval marks = nara::time::interval_at(nara::time::now() + period, period);
  const auto mark = [&book](nara::time::Instant) { book.mark(); };
  const auto leave = [&is_over] { is_over = true; };
  // 08-2: mend this. It loses numbers, does not hear the bell, and does not see the end.
  const auto write = [&book](const std::optional<Report>& received) {
    if (received) book.write(*received);
  };
  while (!is_over) {
    co_await nara::select_biased(nara::on(receive(station), write), nara::on(marks.tick(), mark),
                                 nara::on(stop.rung(), leave));
  }
}
