// What broke the toy executor, done with CurrentThread.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/run_blocking.hpp>
#include <nara/yield_now.hpp>

#include "door.hpp"

using nara::Async;
using nara::JoinHandle;
using nara::yield_now;

Async<> wake_often() {
  Door door;
  const JoinHandle<void> task = nara::spawn(wait_at(door));
  co_await yield_now();
  const int before = door.polls;
  for (int i = 0; i < 1000; ++i) door.waker.wake_by_ref();
  co_await yield_now();
  std::printf("woken 1000 times before its turn: polls: %d\n", door.polls - before);
}

Async<> wake_while_it_runs() {
  int polls = 0;
  co_await nara::poll_fn([&](nara::Context& context) -> nara::Poll<void> {
    if (++polls == 2) return nara::kReady;
    context.waker().wake_by_ref();
    return nara::kPending;
  });
  std::printf("woken while it runs: polls: %d\n", polls);
}

Async<> wake_late() {
  Door door;
  JoinHandle<void> task = nara::spawn(wait_at(door));
  co_await yield_now();
  door.is_open = true;
  door.waker.wake_by_ref();
  (void)co_await task;
  const int before = door.polls;
  door.waker.wake_by_ref();
  co_await yield_now();
  std::printf("woken after its end: polls: %d\n", door.polls - before);
}

Async<> wake_from_another_thread() {
  Door door;
  JoinHandle<void> task = nara::spawn(wait_at(door));
  co_await yield_now();
  door.is_open = true;
  co_await nara::run_blocking([&] { door.waker.wake_by_ref(); });
  (void)co_await task;
  std::printf("woken by another thread: ready\n");
}

Async<> leave_waiting(Door& door) {
  (void)nara::spawn(wait_at(door));
  co_await yield_now();
}

int main() {
  nara::block_on(wake_often());
  nara::block_on(wake_while_it_runs());
  nara::block_on(wake_late());
  nara::block_on(wake_from_another_thread());
  Door door;
  nara::block_on(leave_waiting(door));
  door.waker.wake_by_ref();
  std::printf("woken after its executor was gone: nothing happens\n");
}
