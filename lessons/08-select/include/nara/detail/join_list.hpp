// The tasks of a JoinSet: those that run, and those that have ended, in the order in which they
// did.
//
//   JoinSet ──► JoinList                          task
//               ├─ running   JoinMember ◄── wakes ── joiner
//               └─ ended     JoinMember
//
// A task that ends wakes its member, and that moves from one list to the other. Then whoever waits
// for the set is woken. So nobody has to ask all tasks which of them has ended.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <nara/frame_pool.hpp>
#include <nara/intrusive_list.hpp>
#include <nara/join_handle.hpp>
#include <nara/waker.hpp>
#include <utility>

namespace nara::inline NARA_BUILD::detail {

class JoinList;

/// A task's place in a `JoinSet`. The set has a reference to it, and so has each of its wakers.
class JoinMember : public ListNode, public Pooled {
 public:
  JoinMember(std::shared_ptr<JoinList> list, AbortHandle task) noexcept
      : list_(std::move(list)), task_(std::move(task)) {}
  JoinMember(const JoinMember&) = delete;
  JoinMember& operator=(const JoinMember&) = delete;
  virtual ~JoinMember() = default;

  /// Wakes the member: its task has ended.
  Waker waker() noexcept;

  const AbortHandle& task() const noexcept { return task_; }

  void drop_reference() noexcept;

 private:
  static const WakerVTable kWaker;

  const std::shared_ptr<JoinList> list_;
  const AbortHandle task_;
  std::atomic<std::size_t> references_ = 1;
};

/// The members of a set. A member ends on any thread; all the rest is for the set.
class JoinList {
 public:
  /// Takes in one whose task runs.
  void add(JoinMember& member) noexcept;

  /// The task of the member has ended. Any thread.
  void end(JoinMember& member) noexcept;

  /// True when one has ended. Else `waker` is woken when one does.
  bool wait(const Waker& waker) noexcept;

  /// Nobody waits any more.
  void stop_waiting() noexcept;

  /// Takes out the one that ended first. Null when none has.
  JoinMember* pop_ended() noexcept;

  /// Takes out any one. Null when there is none.
  JoinMember* pop() noexcept;

  /// Aborts the tasks of all that run.
  void abort_all() noexcept;

 private:
  std::mutex mutex_;  // Guards all that follows, and the members' links.
  IntrusiveList<JoinMember> running_;
  IntrusiveList<JoinMember> ended_;
  Waker waker_ = Waker::noop();  ///< Of whoever waits for the set.
};

}  // namespace nara::inline NARA_BUILD::detail
