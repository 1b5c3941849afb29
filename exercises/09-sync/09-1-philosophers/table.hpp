// Five philosophers at a round table, and five forks.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <nara/async.hpp>
#include <nara/sync/mutex.hpp>
#include <nara/sync/semaphore.hpp>

/// Given. Two neighbours share it.
struct Fork {
  int wiped = 0;  ///< How often.
};

/// Given. Somebody who comes to eat.
class Philosopher {
 public:
  Philosopher() = default;
  Philosopher(const Philosopher&) = delete;
  Philosopher& operator=(const Philosopher&) = delete;
  virtual ~Philosopher() = default;

  /// Takes a while, since the fork was in somebody else's hand.
  virtual nara::Async<> wipe(Fork& fork) = 0;

  /// Takes longer. Needs two forks, both of them wiped.
  virtual nara::Async<> eat() = 0;
};

/// Five seats, and a fork between each two of them: fork 1 lies between the seats 0 and 1, and fork
/// 0 between the seats 4 and 0.
class Table {
 public:
  static constexpr std::size_t kSeats = 5;

  /// A meal at `seat`, from 0 to 4: takes the forks to the left and to the right, wipes them, eats,
  /// and puts them back.
  ///
  /// Cancel safety: whoever is given up, at any point, puts back the forks that they have.
  nara::Async<> dine(std::size_t seat, Philosopher& who) {
    const std::size_t left = seat;
    const std::size_t right = (seat + 1) % kSeats;
    // 09-1: mend this. All five may sit there with one fork each, for ever.
    auto first = co_await forks_[left].lock();
    co_await who.wipe(*first);
    auto second = co_await forks_[right].lock();
    co_await who.wipe(*second);
    co_await who.eat();
  }

 private:
  std::array<nara::sync::Mutex<Fork>, kSeats> forks_;
};
