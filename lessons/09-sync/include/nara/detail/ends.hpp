// The two ends of a channel with any number of senders and receivers: how many hold each, who has
// to know when the last one has gone, and what a sender is told when nobody receives.
#pragma once

#include <cstddef>
#include <mutex>
#include <nara/context.hpp>
#include <nara/detail/permits.hpp>
#include <nara/detail/until.hpp>
#include <nara/poll.hpp>
#include <string>
#include <string_view>

namespace nara::inline NARA_BUILD::detail {

/// What channels of several kinds have in common. It begins with one sender. Any thread.
class Ends {
 public:
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;

  void add_sender() noexcept {
    const std::lock_guard lock(mutex_);
    ++senders_;
  }

  void remove_sender() noexcept {
    {
      const std::lock_guard lock(mutex_);
      if (--senders_ != 0) return;
    }
    changes_.dismiss_all();
  }

  std::size_t receivers() const noexcept {
    const std::lock_guard lock(mutex_);
    return receivers_;
  }

  /// What receivers wait for: something was sent, or the last sender has gone.
  Permits& changes() noexcept { return changes_; }

  /// What senders wait for: the last receiver has gone.
  Permits& leaving() noexcept { return leaving_; }

 protected:
  Ends() noexcept = default;
  ~Ends() = default;

  mutable std::mutex mutex_;  ///< Guards all but the two wait lists.
  std::size_t senders_ = 1;
  std::size_t receivers_ = 0;

 private:
  Permits changes_{0};
  Permits leaving_{0};
};

/// Ready when nobody receives. Made by `Sender::closed()`.
class [[nodiscard]] NobodyReceives {
 public:
  using Output = void;
  static constexpr std::string_view kWaitsFor = "Sender::closed()";

  explicit NobodyReceives(Ends& ends) noexcept : ends_(&ends), until_(ends.leaving()) {}

  /// Takes one unit of the budget when it is ready. Throws `Misuse` after that.
  Poll<void> poll(Context& context) {
    if (!until_.poll(context, kWaitsFor, [this] { return ends_->receivers() == 0; })) {
      return kPending;
    }
    return kReady;
  }

 private:
  Ends* ends_;
  Until until_;
};

/// What could not be sent, because nobody receives.
template <class T>
struct Unsent {
  T value;
  bool operator==(const Unsent&) const = default;
  static std::string message() { return "the channel has no receiver"; }
};

}  // namespace nara::inline NARA_BUILD::detail
