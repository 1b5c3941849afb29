// A server that answers on a thread of its own, after a moment, and the future of its answer.
#pragma once

#include <atomic>
#include <mutex>
#include <nara/future.hpp>
#include <optional>
#include <thread>
#include <utility>

class Reply;

/// Answers one question at a time.
class Server {
 public:
  /// Asks. The answer comes out of the future.
  Reply ask();

  /// The answer, if it has come; else `waker` will be woken when it does.
  std::optional<long> take_answer_or_remember(const nara::Waker& waker) {
    const std::lock_guard lock(mutex_);
    if (!answer_) waker_.clone_from(waker);
    return std::exchange(answer_, std::nullopt);
  }

 private:
  void serve(const std::stop_token& stop) {
    for (long question = 0; !stop.stop_requested(); std::this_thread::yield()) {
      if (!is_asked_.exchange(false)) continue;
      think(++question);
      nara::Waker waker = nara::Waker::noop();
      {
        const std::lock_guard lock(mutex_);
        answer_ = question;
        std::swap(waker, waker_);
      }
      std::move(waker).wake();
    }
  }

  /// Takes a little longer each time, and then begins anew.
  static void think(long question) {
    for (long i = 0; i < question % 1000; ++i) asm volatile("");
  }

  std::atomic<bool> is_asked_ = false;
  std::mutex mutex_;
  std::optional<long> answer_;
  nara::Waker waker_ = nara::Waker::noop();
  std::jthread thread_{[this](const std::stop_token& stop) { serve(stop); }};
};

/// The future of an answer.
class Reply {
 public:
  using Output = long;

  explicit Reply(Server& server) : server_(server) {}

  nara::Poll<long> poll(nara::Context& context) {
    std::optional<long> answer = server_.take_answer_or_remember(context.waker());
    if (!answer) return nara::kPending;
    return *answer;
  }

 private:
  Server& server_;
};

inline Reply Server::ask() {
  is_asked_ = true;
  return Reply(*this);
}
