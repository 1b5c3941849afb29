// A point that several tasks only pass together.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <nara/context.hpp>
#include <nara/detail/permits.hpp>
#include <nara/detail/until.hpp>
#include <nara/poll.hpp>
#include <optional>
#include <string_view>
#include <utility>

namespace nara::inline NARA_BUILD::sync {

class BarrierWait;

/// What a wait for a `Barrier` gives. Mirrors `tokio::sync::BarrierWaitResult`.
class BarrierWaitResult {
 public:
  explicit BarrierWaitResult(bool is_leader) noexcept : is_leader_(is_leader) {}

  /// True for one of those who pass together: the one that came last.
  bool is_leader() const noexcept { return is_leader_; }

 private:
  bool is_leader_;
};

/// Holds everybody up until so many have come, and then lets all of them pass. After that it begins
/// anew: a round follows the other.
///
/// Thread safety: any thread, also outside of a runtime. It must outlive those who wait. Mirrors
/// `tokio::sync::Barrier`.
class Barrier {
 public:
  /// For `count` at a time. With 0 or 1, nobody ever waits.
  explicit Barrier(std::size_t count) noexcept : count_(count) {}

  /// Waits until so many have come. One of them is told that it is the leader.
  ///
  /// Cancel safety: one comes with the first poll. Who is destroyed before the others have come,
  /// has not come. (In Tokio it has.) Mirrors `tokio::sync::Barrier::wait`.
  BarrierWait wait() noexcept;

 private:
  friend BarrierWait;

  /// One more has come, to the round that is returned. True when it was the last: then that round
  /// is over.
  std::pair<std::uint64_t, bool> come() noexcept;

  /// One of those who have come to `round` goes away, unless they have passed.
  void go(std::uint64_t round) noexcept;

  /// Acquire: pairs with come(). What was done before it by those who came has been done.
  bool is_over(std::uint64_t round) const noexcept {
    return round_.load(std::memory_order_acquire) != round;
  }

  const std::size_t count_;
  std::mutex mutex_;
  std::size_t here_ = 0;  ///< How many have come to this round. Guarded by `mutex_`.
  std::atomic<std::uint64_t> round_ = 0;  ///< Changed with `mutex_` held.
  detail::Permits gate_{0};               ///< Nobody gets a permit: all are dismissed together.
};

/// Ready when so many have come. Made by `Barrier::wait()`. It may be moved until its first poll.
class [[nodiscard]] BarrierWait {
 public:
  using Output = BarrierWaitResult;
  static constexpr std::string_view kWaitsFor = "Barrier::wait()";

  explicit BarrierWait(Barrier& barrier) noexcept : barrier_(&barrier), until_(barrier.gate_) {}
  BarrierWait(BarrierWait&& other) noexcept = default;
  BarrierWait& operator=(BarrierWait&&) = delete;
  ~BarrierWait() {
    if (round_) barrier_->go(*round_);
  }

  /// Takes one unit of the budget when it is ready. Throws `Misuse` after that.
  Poll<BarrierWaitResult> poll(Context& context) {
    const auto is_over = [this] {
      if (!round_) come();
      return barrier_->is_over(*round_);
    };
    if (!until_.poll(context, kWaitsFor, is_over)) return kPending;
    round_.reset();
    return BarrierWaitResult(is_leader_);
  }

 private:
  void come() noexcept {
    const auto [round, is_last] = barrier_->come();
    round_ = round;
    is_leader_ = is_last;
  }

  Barrier* barrier_;
  detail::Until until_;
  std::optional<std::uint64_t> round_;  ///< The one that it has come to, and not passed.
  bool is_leader_ = false;
};

inline BarrierWait Barrier::wait() noexcept { return BarrierWait(*this); }

}  // namespace nara::inline NARA_BUILD::sync
