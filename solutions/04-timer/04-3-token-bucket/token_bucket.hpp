// How to do something often, but not too often: each time costs a token, and tokens come at a fixed
// pace.
#pragma once

#include <algorithm>
#include <deque>
#include <nara/context.hpp>
#include <nara/future.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/sleep.hpp>
#include <string_view>
#include <utility>

class Take;

/// Tokens fall into it, one every `period`, until there are `burst` of them; what falls into a full
/// bucket is lost. It is full at first. One thread only.
///
/// Nobody has to be there to fill it: it is enough to know when the next token is there for someone
/// to take. When that time has passed long ago, there are several.
class TokenBucket {
 public:
  TokenBucket(int burst, nara::time::Duration period)
      : spare_((burst - 1) * period), period_(period), next_(nara::time::now() - spare_) {}

  /// Waits for a token, and takes it. Those who wait are served one after the other, each as soon
  /// as there is a token.
  Take take();

  /// Takes a token, if there is one now, and nobody waits for it.
  bool try_take() {
    // BEGIN SOLUTION
    // STARTER: return nara::todo("04-3: try_take() takes a token, unless it would be somebody else's");
    if (!waiting_.empty() || nara::time::now() < next_) return false;
    pay();
    return true;
    // END SOLUTION
  }

 private:
  friend Take;

  /// A token is there, and is taken now: when is the next one there? Not all that have fallen while
  /// nobody came have found room.
  void pay() {
    // BEGIN SOLUTION
    // STARTER: nara::todo("04-3: pay() says when the next token is there");
    next_ = std::max(next_, nara::time::now() - spare_) + period_;
    // END SOLUTION
  }

  nara::time::Duration spare_;  ///< In which all tokens fall that fit into it, but for the first.
  nara::time::Duration period_;
  nara::time::Instant next_;   ///< A token is there from then on.
  std::deque<Take*> waiting_;  ///< The first has come first.
};

/// Ready when it has a token. Made by `TokenBucket::take()`.
///
/// Cancel safety: destroying it takes it out of the queue, and those behind it move up. It can be
/// moved until its first poll.
class [[nodiscard]] Take {
 public:
  using Output = void;
  static constexpr std::string_view kWaitsFor = "TokenBucket::take()";

  explicit Take(TokenBucket& bucket) : bucket_(bucket), sleep_(bucket.next_) {}
  Take(Take&&) = default;
  Take& operator=(Take&&) = delete;
  ~Take() { leave(); }

  /// Joins the queue. Only the first in it waits for the clock; the others wait for it to leave.
  nara::Poll<void> poll(nara::Context& context) {
    // BEGIN SOLUTION
    // STARTER: return nara::todo("04-3: poll() joins the queue, and waits there for its turn");
    auto& waiting = bucket_.waiting_;
    if (!std::exchange(is_waiting_, true)) waiting.push_back(this);
    waker_.clone_from(context.waker());
    if (waiting.front() != this) return nara::kPending;
    if (nara::time::now() < bucket_.next_) {
      if (sleep_.deadline() != bucket_.next_) sleep_.reset(bucket_.next_);
      if (!sleep_.poll_elapsed(context)) return nara::kPending;
    }
    bucket_.pay();
    leave();
    return nara::kReady;
    // END SOLUTION
  }

 private:
  /// Leaves the queue, if it is in it. Who is the first then has to know.
  void leave() {
    // BEGIN SOLUTION
    // STARTER: // It is in no queue yet.
    if (!std::exchange(is_waiting_, false)) return;
    std::erase(bucket_.waiting_, this);
    if (!bucket_.waiting_.empty()) bucket_.waiting_.front()->waker_.wake_by_ref();
    // END SOLUTION
  }

  TokenBucket& bucket_;
  nara::time::Sleep sleep_;
  nara::Waker waker_ = nara::Waker::noop();
  bool is_waiting_ = false;
};

inline Take TokenBucket::take() { return Take(*this); }
