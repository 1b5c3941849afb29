// A box into which one task puts letters, and in which another looks for them.
#pragma once

#include <deque>
#include <nara/async.hpp>
#include <nara/waker.hpp>
#include <string>
#include <utility>

/// Letters, in the order in which they came. A letter leaves the box in the poll that gives it.
class Mailbox {
 public:
  void put(std::string letter) {
    letters_.push_back(std::move(letter));
    std::exchange(reader_, nara::Waker::noop()).wake();
  }

  auto next() {
    return nara::poll_fn([this](nara::Context& context) -> nara::Poll<std::string> {
      if (letters_.empty()) {
        reader_.clone_from(context.waker());
        return nara::kPending;
      }
      std::string letter = std::move(letters_.front());
      letters_.pop_front();
      return letter;
    });
  }

 private:
  std::deque<std::string> letters_;
  nara::Waker reader_ = nara::Waker::noop();
};
