// A server that answers when we say so, and the future of its answer, written by hand.
#pragma once

#include <nara/future.hpp>
#include <optional>
#include <string>
#include <utility>

class Reply;

// [server]
/// Answers one question at a time. The program plays the network, and calls `reply()`.
class Server {
 public:
  /// Asks. The answer comes out of the future.
  Reply ask();

  // [answer]
  /// The answer has come: keep it, and wake whoever waits for it.
  void reply(std::string answer) {
    answer_ = std::move(answer);
    std::exchange(waker_, nara::Waker::noop()).wake();
  }
  // [/answer]

  /// The answer, if it has come.
  std::optional<std::string> take_answer() { return std::exchange(answer_, std::nullopt); }

  /// Whom to wake when it comes.
  void remember(const nara::Waker& waker) { waker_.clone_from(waker); }
  void forget() { waker_ = nara::Waker::noop(); }
  bool will_wake_somebody() const { return !waker_.will_wake(nara::Waker::noop()); }

 private:
  std::optional<std::string> answer_;
  nara::Waker waker_ = nara::Waker::noop();
};
// [/server]

// [reply]
class Reply {
 public:
  using Output = std::string;

  explicit Reply(Server& server) : server_(server) {}
  Reply(Reply&&) = delete;
  ~Reply() { server_.forget(); }

  // [poll]
  nara::Poll<std::string> poll(nara::Context& context) {
    std::optional<std::string> answer = server_.take_answer();
    if (answer.has_value()) return *std::move(answer);
    server_.remember(context.waker());
    return nara::kPending;
  }
  // [/poll]

 private:
  Server& server_;
};
// [/reply]

inline Reply Server::ask() { return Reply(*this); }
