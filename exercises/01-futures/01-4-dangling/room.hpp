// A room for chats. Everything in it takes a turn or more, and in between others act.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <nara/async.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Pending once, so that the others get a turn.
class NextTurn {
 public:
  using Output = void;

  nara::Poll<void> poll(nara::Context& context) noexcept {
    if (std::exchange(was_polled_, true)) return nara::kReady;
    context.waker().wake_by_ref();
    return nara::kPending;
  }

 private:
  bool was_polled_ = false;
};

inline NextTurn next_turn() { return NextTurn(); }

class Room;

/// Somebody with something to say.
class Guest {
 public:
  Guest(std::string name, std::string line) : name_(std::move(name)), line_(std::move(line)) {}

  /// Joins, is welcomed, and says its line to all. Leaves when it ends, however it ends.
  nara::Async<> visit(Room& room);

 private:
  class Leaving;

  std::string name_;
  std::string line_;
};

/// Outlives everything that happens in it: this is why a visit may keep a reference to it.
class Room {
 public:
  Room() = default;
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  /// The lines that a member has received.
  using Inbox = std::vector<std::string>;

  /// Makes somebody a member, in the next turn.
  nara::Async<> join(std::string_view name) {
    co_await next_turn();
    inboxes_.try_emplace(std::string(name));
  }

  /// Sends a member three lines, one a turn, until it leaves. Gives how many it was sent.
  nara::Async<int> welcome(std::string name) {
    int sent = 0;
    Inbox& inbox = inboxes_.at(name);
    for (std::string_view line : kWelcome) {
      inbox.emplace_back(line);
      ++sent;
      co_await next_turn();
    }
    co_return sent;
  }

  /// Lets a guest in. From the next turn on, its visit goes on by one step a turn.
  void admit(std::unique_ptr<Guest> guest) {
    visits_.push_back(guest->visit(*this));
  }

  /// Polls every visit once. Those that have ended are gone then.
  void turn(nara::Context& context) {
    for (std::size_t left = visits_.size(); left > 0; --left) {
      nara::Async<> visit = std::move(visits_.front());
      visits_.pop_front();
      if (visit.poll(context).is_pending()) visits_.push_back(std::move(visit));
    }
  }

  void say_to_all(std::string_view line) {
    for (auto& [name, inbox] : inboxes_) inbox.emplace_back(line);
  }

  void leave(const std::string& name) { inboxes_.erase(name); }

  bool has(const std::string& name) const { return inboxes_.contains(name); }

  const Inbox& inbox(const std::string& name) const { return inboxes_.at(name); }

 private:
  static constexpr std::array<std::string_view, 3> kWelcome{"Welcome.", "Please close the door.",
                                                            "There is tea in the kitchen."};

  std::map<std::string, Inbox> inboxes_;
  std::deque<nara::Async<>> visits_;  // Last: visits still leave when they are destroyed.
};

class Guest::Leaving {
 public:
  Leaving(Room& room, const std::string& name) : room_(room), name_(name) {}
  Leaving(const Leaving&) = delete;
  Leaving& operator=(const Leaving&) = delete;
  ~Leaving() { room_.leave(name_); }

 private:
  Room& room_;
  const std::string& name_;
};

inline nara::Async<> Guest::visit(Room& room) {
  co_await room.join(name_);
  const Leaving leaving(room, name_);
  co_await room.welcome(name_);
  if (room.has(name_)) room.say_to_all(name_ + ": " + line_);
}
