// The thread parker: a flag, and a condition variable to wait for it.
#include <nara/park.hpp>
#include <utility>

namespace nara::inline NARA_BUILD {

// [park]
bool ThreadParker::park(Deadline deadline) {
  std::unique_lock lock(mutex_);
  const auto is_unparked = [this] { return std::exchange(is_unparked_, false); };
  if (deadline == kNow) return is_unparked();
  if (deadline) return unparked_.wait_until(lock, *deadline, is_unparked);
  unparked_.wait(lock, is_unparked);
  return true;
}

void ThreadParker::unpark() noexcept {
  const std::lock_guard lock(mutex_);
  is_unparked_ = true;
  // Why under the lock: as soon as it is free, the other thread may go on and destroy all this.
  unparked_.notify_one();
}
// [/park]

}  // namespace nara::inline NARA_BUILD
