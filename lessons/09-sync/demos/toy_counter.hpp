// The idea of this lesson, in forty lines: a queue that tasks wait for.
#pragma once

#include <deque>
#include <mutex>
#include <nara/context.hpp>
#include <nara/poll.hpp>
#include <nara/waker.hpp>
#include <string>
#include <utility>

// [toy]
/// What the kitchen has cooked, and the wakers of those who wait for it.
class ToyCounter {
 public:
  // [put]
  void put(std::string dish) {
    std::unique_lock lock(mutex_);
    dishes_.push_back(std::move(dish));
    if (waiting_.empty()) return;
    nara::Waker first = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    std::move(first).wake();
  }
  // [/put]

  class Take {
   public:
    using Output = std::string;

    explicit Take(ToyCounter& counter) : counter_(counter) {}

    // [poll]
    nara::Poll<std::string> poll(nara::Context& context) {
      const std::lock_guard lock(counter_.mutex_);
      if (counter_.dishes_.empty()) {
        counter_.waiting_.push_back(context.waker().clone());
        return nara::kPending;
      }
      std::string dish = std::move(counter_.dishes_.front());
      counter_.dishes_.pop_front();
      return dish;
    }
    // [/poll]

   private:
    ToyCounter& counter_;
  };

  Take take() { return Take(*this); }

  std::size_t dishes() const { return dishes_.size(); }
  std::size_t wakers() const { return waiting_.size(); }

 private:
  std::mutex mutex_;
  std::deque<std::string> dishes_;
  std::deque<nara::Waker> waiting_;
};
// [/toy]
