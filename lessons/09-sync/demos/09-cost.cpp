// What waiting for each other costs, counted: turns of tasks, and allocations.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/join.hpp>
#include <nara/join_set.hpp>
#include <nara/sync/broadcast.hpp>
#include <nara/sync/mpsc.hpp>
#include <nara/sync/mutex.hpp>
#include <nara/sync/oneshot.hpp>
#include <nara/sync/watch.hpp>
#include <nara/yield_now.hpp>
#include <optional>
#include <utility>

#include "../../01-futures/demos/counting_new.hpp"

using nara::Async;
using nara::sync::Mutex;
using nara::sync::MutexGuard;
namespace broadcast = nara::sync::broadcast;
namespace mpsc = nara::sync::mpsc;
namespace oneshot = nara::sync::oneshot;
namespace watch = nara::sync::watch;

namespace {

constexpr int kTimes = 1000;

Async<> lock_often(Mutex<int>& mutex) {
  for (int i = 0; i < kTimes; ++i) {
    const MutexGuard<int> number = co_await mutex.lock();
    ++*number;
  }
}

Async<> one_locks() {
  Mutex<int> mutex;
  co_await lock_often(mutex);
}

/// Each lock is one of the two, in turn.
Async<> two_lock() {
  Mutex<int> mutex;
  std::optional<MutexGuard<int>> closed = mutex.try_lock();
  auto both = nara::join(nara::spawn(lock_often(mutex)), nara::spawn(lock_often(mutex)));
  co_await nara::yield_now();
  closed.reset();
  (void)co_await both;
}

Async<> send_often(mpsc::Sender<int> sender) {
  for (int i = 0; i < kTimes; ++i) (void)co_await sender.send(i);
}

template <std::size_t kRoom>
Async<> messages() {
  auto [sender, receiver] = mpsc::channel<int>(kRoom);
  nara::JoinHandle<void> task = nara::spawn(send_often(std::move(sender)));
  for (;;) {
    const std::optional<int> message = co_await receiver.recv();
    if (!message) break;
  }
}

Async<> answers() {
  for (int i = 0; i < kTimes; ++i) {
    auto [sender, receiver] = oneshot::channel<int>();
    (void)std::move(sender).send(i);
    (void)co_await receiver;
  }
}

Async<> news() {
  auto [sender, receiver] = watch::channel(0);
  for (int i = 0; i < kTimes; ++i) {
    (void)sender.send(i);
    (void)co_await receiver.changed();
  }
}

Async<> broadcasts() {
  auto [sender, receiver] = broadcast::channel<int>(16);
  for (int i = 0; i < kTimes; ++i) {
    (void)sender.send(i);
    (void)co_await receiver.recv();
  }
}

/// What each of `times` has taken. What is only done once is rounded away.
void row(const char* name, Async<> (*work)(), int times = kTimes) {
  nara::CurrentThread executor;
  const long before = allocations;
  executor.block_on(work());
  std::printf("%-32s %5.2f %8.2f\n", name,
              static_cast<double>(executor.counters().turns - 1) / times,
              static_cast<double>(allocations - before) / times);
}

}  // namespace

int main() {
  std::printf("%-32s turns   allocations\n", "for one of");
  row("a lock that is free", one_locks);
  row("a lock for which another waits", two_lock, 2 * kTimes);
  row("a message, room for 100", messages<100>);
  row("a message, room for 1", messages<1>);
  row("a value by oneshot", answers);
  row("a value by watch", news);
  row("a value by broadcast", broadcasts);
}
