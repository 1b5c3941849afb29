// A member's way from one list to the other.
#include <nara/detail/join_list.hpp>

namespace nara::inline NARA_BUILD::detail {

// [end]
void JoinList::end(JoinMember& member) noexcept {
  Waker waker = Waker::noop();
  {
    const std::lock_guard lock(mutex_);
    if (!member.is_linked()) return;  // The set has let it go.
    member.unlink();
    ended_.push_back(member);
    waker = std::exchange(waker_, Waker::noop());
  }
  std::move(waker).wake();
}
// [/end]

constexpr WakerVTable JoinMember::kWaker{
    .clone =
        [](void* data) noexcept {
          static_cast<JoinMember*>(data)->references_.fetch_add(1, std::memory_order_relaxed);
        },
    .wake =
        [](void* data) noexcept {
          auto* const member = static_cast<JoinMember*>(data);
          member->list_->end(*member);
          member->drop_reference();
        },
    .wake_by_ref =
        [](void* data) noexcept {
          auto* const member = static_cast<JoinMember*>(data);
          member->list_->end(*member);
        },
    .drop = [](void* data) noexcept { static_cast<JoinMember*>(data)->drop_reference(); },
};

Waker JoinMember::waker() noexcept {
  references_.fetch_add(1, std::memory_order_relaxed);
  return Waker(this, kWaker);
}

void JoinMember::drop_reference() noexcept {
  // Release and acquire: whatever others did with it comes before its end.
  if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

void JoinList::add(JoinMember& member) noexcept {
  const std::lock_guard lock(mutex_);
  running_.push_back(member);
}

bool JoinList::wait(const Waker& waker) noexcept {
  Waker previous = Waker::noop();  // Goes when the lock is free.
  const std::lock_guard lock(mutex_);
  if (!ended_.empty()) return true;
  if (!waker_.will_wake(waker)) previous = std::exchange(waker_, waker.clone());
  return false;
}

void JoinList::stop_waiting() noexcept {
  Waker previous = Waker::noop();
  const std::lock_guard lock(mutex_);
  previous = std::exchange(waker_, Waker::noop());
}

JoinMember* JoinList::pop_ended() noexcept {
  const std::lock_guard lock(mutex_);
  return ended_.pop_front();
}

JoinMember* JoinList::pop() noexcept {
  const std::lock_guard lock(mutex_);
  JoinMember* const ended = ended_.pop_front();
  return ended != nullptr ? ended : running_.pop_front();
}

void JoinList::abort_all() noexcept {
  const std::lock_guard lock(mutex_);
  for (const JoinMember& member : running_) member.task().abort();
}

}  // namespace nara::inline NARA_BUILD::detail
