// Sleeping until the next alarm, or below, whichever comes first.
#include <nara/time/timers.hpp>
#include <utility>

namespace nara::inline NARA_BUILD::time {

TimeDriver::TimeDriver(std::unique_ptr<Park> below, bool is_paused)
    : below_(std::move(below)), timers_(new Timers(*below_, is_paused)) {}

// [park]
bool TimeDriver::park(Deadline deadline) {
  bool has_news = false;
  if (deadline == kNow) {
    has_news = below_->park(kNow);
  } else if (timers_->clock().is_paused()) {
    has_news = park_while_paused();
  } else {
    const Deadline next = timers_->next_alarm();
    if (next && (!deadline || *next < *deadline)) deadline = next;
    has_news = below_->park(deadline);
  }
  return timers_->wake_elapsed() || has_news;
}

// [idle]
/// The runtime is idle, so the clock moves to the next alarm. It stays where it is when there is
/// none, and while another thread works for the runtime: that takes real time, and none of ours.
bool TimeDriver::park_while_paused() {
  const bool nobody_works = work_->is_none();  // Asked first: each job that ends unparks us.
  if (below_->park(kNow)) return true;
  return (nobody_works && timers_->skip_to_next()) || below_->park(std::nullopt);
}
// [/idle]
// [/park]

void TimeDriver::shut_down() noexcept {
  timers_->shut_down();
  below_->shut_down();
}

bool TimeDriver::may_end_by_itself() const noexcept {
  return below_->may_end_by_itself() || timers_->has_sleepers();
}

void TimeDriver::provide(Services& services) noexcept {
  below_->provide(services);
  services[kTimerService] = timers_.get();
  work_ = static_cast<WorkElsewhere*>(services[kWorkService]);
}

}  // namespace nara::inline NARA_BUILD::time
