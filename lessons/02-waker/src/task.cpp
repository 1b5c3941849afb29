// What a task does when it has a turn, when it has ended, and when somebody wakes it.
#include <atomic>
#include <nara/current.hpp>
#include <nara/detail/task.hpp>
#include <nara/misuse.hpp>
#include <nara/task_info.hpp>
#include <utility>

namespace nara::inline NARA_BUILD::detail {

namespace {

/// The ids that this thread may give next. It takes them from the process by the block.
struct Ids {
  std::uint64_t last;
  std::uint64_t end;
};
[[gnu::tls_model("initial-exec")]] constinit thread_local Ids ids{0, 0};

TaskId next_id() noexcept {
  constexpr std::uint64_t kBlock = 64;
  static constinit std::atomic<std::uint64_t> given = 0;
  if (ids.last == ids.end) {
    ids.last = given.fetch_add(kBlock, std::memory_order_relaxed);
    ids.end = ids.last + kBlock;
  }
  return TaskId(++ids.last);
}

constexpr bool kSilent = true;
constexpr const char* kKeptGuard =
    "a task kept the guard of enter() across a co_await: other tasks would have run in its runtime";

}  // namespace

// [waker]
/// How a task answers its wakers. Each of them holds a reference.
struct TaskWaker {
  static Task& task(void* data) noexcept { return *static_cast<Task*>(data); }

  static constexpr WakerVTable kVTable{
      .clone = [](void* data) noexcept { task(data).state_.add_waker(); },
      .wake = [](void* data) noexcept { task(data).perform(task(data).state_.wake_and_drop()); },
      .wake_by_ref = [](void* data) noexcept { task(data).perform(task(data).state_.wake()); },
      .drop = [](void* data) noexcept { task(data).perform(task(data).state_.drop_waker()); },
  };
};
// [/waker]

namespace {

/// The waker that a poll is lent. It holds no reference: the poll is over before the task is.
union LentWaker {
  explicit LentWaker(Task& task) noexcept : waker(&task, TaskWaker::kVTable) {}
  LentWaker(const LentWaker&) = delete;
  LentWaker& operator=(const LentWaker&) = delete;
  ~LentWaker() {}  // NOLINT(modernize-use-equals-default): it must not give a reference back.

  Waker waker;
};

}  // namespace

Task::Task(Scheduler& scheduler, std::source_location spawned_at)
    : scheduler_(scheduler), facts_{.id = next_id(), .spawned_at = spawned_at} {}

// [turn]
Task::After Task::take_turn(Current& here) noexcept {
  switch (state_.take()) {
    case TaskState::Turn::kCancel:
      end(nullptr);
      return After::kEnded;
    case TaskState::Turn::kReport:
      report_forgotten();
      return let_go(kSilent);
    case TaskState::Turn::kPoll:
      break;
  }
  const LentWaker lent(*this);
  Context context(lent.waker, Context::kLooks);
  ++facts_.polls;
  const bool has_ended = poll(context);
  if (here.is_covered()) {
    here.uncover();
    if (!has_ended) end(std::make_exception_ptr(Misuse(kKeptGuard)));
    return After::kEnded;
  }
  if (has_ended) return After::kEnded;
  if (context.has_yielded()) return After::kAgain;
  facts_.has_kept_waker = state_.wakers() > 0;
  return let_go(context.expects_no_wake() || facts_.is_reported);
}
// [/turn]

// [let_go]
/// The future is pending. With `silent`, a task that nobody can wake is nothing to report.
Task::After Task::let_go(bool silent) noexcept {
  while (true) {
    switch (state_.rest(silent)) {
      case TaskState::Rest::kIdle:
        return After::kIdle;
      case TaskState::Rest::kAgain:
        return After::kAgain;
      case TaskState::Rest::kForgotten:
        report_forgotten();
        silent = kSilent;
        break;
      case TaskState::Rest::kCancelled:
        end(nullptr);
        return After::kEnded;
    }
  }
}
// [/let_go]

// [publish]
void Task::publish() noexcept {
  const TaskState::Completion left = state_.complete();
  if (left.wake_joiner) std::exchange(joiner_, Waker::noop()).wake();
  if (left.discard_outcome) discard();
  if (left.wake_joiner || left.discard_outcome) drop_reference();
}
// [/publish]

// [join]
bool Task::poll_join(Context& context) noexcept {
  if (state_.is_complete()) return true;
  if (state_.has_join_waker() && !state_.take_back_join_waker()) return true;
  joiner_.clone_from(context.waker());
  if (state_.offer_join_waker()) return false;
  joiner_ = Waker::noop();  // It has ended in between.
  return true;
}
// [/join]

void Task::detach() noexcept {
  if (state_.has_join_waker() && state_.take_back_join_waker()) joiner_ = Waker::noop();
  if (state_.detach()) return;
  discard();
  drop_reference();
}

void Task::perform(TaskState::Duty duty) noexcept {
  if (duty == TaskState::Duty::kSchedule) {
    scheduler_.schedule(*this);
  } else if (duty == TaskState::Duty::kFree) {
    delete this;
  }
}

TaskInfo Task::info(TaskInfo::State state) const {
  TaskInfo info{.id = id(),
                .name = std::string(name()),
                .spawned_at = facts_.spawned_at,
                .state = state,
                .trace = {},
                .wakers = state_.wakers(),
                .polls = facts_.polls,
                .has_kept_waker = facts_.has_kept_waker,
                .expects_no_wake = state_.is_silent() && !facts_.is_reported};
  if (state != TaskInfo::State::kRunning) describe(info.trace);
  return info;
}

void Task::report_forgotten() {
  facts_.is_reported = true;
  forgotten_hook()(info(TaskInfo::State::kWaiting));
}

}  // namespace nara::inline NARA_BUILD::detail

namespace nara::inline NARA_BUILD {

TaskId current_task_id() {
  const Current* here = Current::get();
  if (here == nullptr || here->task() == nullptr) {
    throw Misuse("current_task_id() was called outside of any task");
  }
  return here->task()->id();
}

}  // namespace nara::inline NARA_BUILD
