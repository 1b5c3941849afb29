// What is wrong with the toy executor.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/future.hpp>
#include <nara/misuse.hpp>

#include "door.hpp"
#include "toy_executor.hpp"

using nara::Async;

// [twice]
void wake_often() {
  Door door;
  ToyExecutor executor;
  executor.spawn(wait_at(door));
  executor.run();
  const int before = door.polls;
  for (int i = 0; i < 1000; ++i) door.waker.wake_by_ref();
  executor.run();
  std::printf("woken 1000 times before its turn: polls: %d\n", door.polls - before);
}
// [/twice]

void wake_late() {
  Door door;
  ToyExecutor executor;
  executor.spawn(wait_at(door));
  executor.run();
  door.is_open = true;
  door.waker.wake_by_ref();
  executor.run();
  door.waker.wake_by_ref();
  try {
    executor.run();
  } catch (const nara::Misuse& misuse) {
    std::printf("woken after its end: %s\n", misuse.what());
  }
}

/// Says when its coroutine is destroyed.
struct Farewell {
  const char* words;
  ~Farewell() { std::printf("%s\n", words); }
};

/// Leaves its waker nowhere.
Async<> forget() {
  const Farewell farewell{"nobody can wake it: destroyed in silence"};
  co_await nara::poll_fn([](nara::Context&) -> nara::Poll<void> { return nara::kPending; });
}

void never_wake() {
  ToyExecutor executor;
  executor.spawn(forget());
  executor.run();
}

Async<> wait_and_tell(Door& door) {
  const Farewell farewell{"its last waker is gone, and so is the task"};
  co_await door;
}

void outlive() {
  Door door;
  {
    ToyExecutor executor;
    executor.spawn(wait_and_tell(door));
    executor.run();
  }
  std::printf("its executor is gone, the task is not\n");
}

int main() {
  wake_often();
  wake_late();
  never_wake();
  outlive();
}
