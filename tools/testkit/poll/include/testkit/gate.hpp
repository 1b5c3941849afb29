// Something to wait for that a test decides about.
#pragma once

#include <algorithm>
#include <cassert>
#include <nara/future.hpp>
#include <string_view>
#include <utility>
#include <vector>

namespace nara::test {

/// Closed until the test opens it: `co_await gate.wait()`, and later `gate.open()`. One thread
/// only.
class Gate {
 public:
  /// The future that is ready once the gate is open. Made by `wait()`. A model of a leaf: it keeps
  /// a waker while it is pending, and leaves the list of those who wait when it is destroyed.
  class Wait {
   public:
    using Output = void;
    static constexpr std::string_view kWaitsFor = "Gate::wait";

    explicit Wait(Gate& gate) noexcept : gate_(gate) {}
    Wait(Wait&& other) noexcept : gate_(other.gate_) {
      assert(!other.is_listed() && "a leaf may be moved only before its first poll");
    }
    Wait& operator=(Wait&&) = delete;
    ~Wait() { std::erase(gate_.waiting_, this); }

    Poll<void> poll(Context& context) noexcept {
      ++gate_.polls_;
      if (gate_.is_open_) return kReady;
      waker_.clone_from(context.waker());
      if (!is_listed()) gate_.waiting_.push_back(this);
      return kPending;
    }

   private:
    friend Gate;

    bool is_listed() const {
      return std::ranges::find(gate_.waiting_, this) != gate_.waiting_.end();
    }

    Gate& gate_;
    Waker waker_ = Waker::noop();
  };

  /// A future that is pending until the gate is open. The gate has to outlive it.
  Wait wait() noexcept { return Wait(*this); }

  /// Lets everybody through who waits now or comes later.
  void open() {
    is_open_ = true;
    for (Wait* wait : std::exchange(waiting_, {}))
      std::exchange(wait->waker_, Waker::noop()).wake();
  }

  /// Lets nobody through from now on.
  void close() noexcept { is_open_ = false; }

  /// How many wait at the moment.
  int waiting() const noexcept { return static_cast<int>(waiting_.size()); }

  /// How often somebody has asked whether it is open.
  int polls() const noexcept { return polls_; }

 private:
  bool is_open_ = false;
  int polls_ = 0;
  std::vector<Wait*> waiting_;
};

}  // namespace nara::test
