// Coming to a barrier, and going away from it.
#include <nara/sync/barrier.hpp>

namespace nara::inline NARA_BUILD::sync {

std::pair<std::uint64_t, bool> Barrier::come() noexcept {
  std::unique_lock lock(mutex_);
  const std::uint64_t round = round_.load(std::memory_order_relaxed);
  if (++here_ < count_) return {round, false};
  here_ = 0;
  // Release: pairs with is_over().
  round_.store(round + 1, std::memory_order_release);
  lock.unlock();
  gate_.dismiss_all();
  return {round, true};
}

void Barrier::go(std::uint64_t round) noexcept {
  const std::lock_guard lock(mutex_);
  if (!is_over(round)) --here_;
}

}  // namespace nara::inline NARA_BUILD::sync
