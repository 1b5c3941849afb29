// Counts the jobs that other threads do for a runtime.
#include <nara/current.hpp>
#include <nara/work_elsewhere.hpp>

namespace nara::inline NARA_BUILD {

WorkElsewhere::Token WorkElsewhere::begin() {
  if (Current::get() == nullptr) return nullptr;
  auto* const here = static_cast<WorkElsewhere*>(Current::service(kWorkService, "begin()"));
  if (here == nullptr) return nullptr;
  {
    const std::lock_guard lock(here->mutex_);
    ++here->jobs_;
  }
  return {static_cast<void*>(here), [work = here->shared_from_this()](void*) { work->end(); }};
}

void WorkElsewhere::end() {
  const std::lock_guard lock(mutex_);
  --jobs_;
  if (park_ != nullptr) park_->unpark();
  is_over_.notify_all();
}

bool WorkElsewhere::is_none() const {
  const std::lock_guard lock(mutex_);
  return jobs_ == 0;
}

bool WorkElsewhere::wait_until_none(std::optional<std::chrono::nanoseconds> timeout) {
  std::unique_lock lock(mutex_);
  const auto is_none = [this] { return jobs_ == 0; };
  // Why: when the longest timeouts would be over is not a number any more.
  constexpr std::chrono::hours kForEver(24 * 365);
  if (timeout && *timeout < kForEver) return is_over_.wait_for(lock, *timeout, is_none);
  is_over_.wait(lock, is_none);
  return true;
}

void WorkElsewhere::forget_park() {
  const std::lock_guard lock(mutex_);
  park_ = nullptr;
}

}  // namespace nara::inline NARA_BUILD
