// Four deadlocks that need no thread. Each is given up after five seconds, of a clock that stands
// still.
#include <chrono>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/join.hpp>
#include <nara/join_handle.hpp>
#include <nara/select.hpp>
#include <nara/spawn.hpp>
#include <nara/sync/mpsc.hpp>
#include <nara/sync/mutex.hpp>
#include <nara/time/sleep.hpp>
#include <nara/time/timeout.hpp>
#include <optional>
#include <utility>

#include "../../08-select/demos/paused.hpp"

using nara::Async;
using nara::sync::Mutex;
using nara::sync::MutexGuard;
using namespace std::chrono_literals;
namespace mpsc = nara::sync::mpsc;

namespace {

// [circle]
Async<> lock_both(Mutex<int>& first, Mutex<int>& second) {
  const MutexGuard<int> one = co_await first.lock();
  co_await nara::time::sleep(1ms);
  const MutexGuard<int> other = co_await second.lock();
}

Async<> in_a_circle() {
  Mutex<int> left;
  Mutex<int> right;
  (void)co_await nara::join(lock_both(left, right), lock_both(right, left));
}
// [/circle]

// [full]
/// For each number that it gets, it sends two smaller ones to itself.
Async<> to_oneself() {
  auto [sender, receiver] = mpsc::channel<int>(2);
  (void)sender.try_send(3);
  for (;;) {
    const std::optional<int> number = co_await receiver.recv();
    if (*number == 0) continue;
    (void)co_await sender.send(*number - 1);
    (void)co_await sender.send(*number - 1);
  }
}
// [/full]

// [open]
Async<> send_three(mpsc::Sender<int> sender) {
  for (int letter = 1; letter <= 3; ++letter) (void)co_await sender.send(letter);
}

/// Reads letters until there are no more.
Async<> never_the_last() {
  auto [sender, receiver] = mpsc::channel<int>(2);
  nara::JoinHandle<void> task = nara::spawn(send_three(sender.clone()));
  for (;;) {
    const std::optional<int> letter = co_await receiver.recv();
    if (!letter) break;
  }
}
// [/open]

// [future]
/// A future that stands in line, is chosen, and is not polled any more.
Async<> chosen_and_not_asked() {
  Mutex<int> mutex;
  std::optional<MutexGuard<int>> guard = mutex.try_lock();
  auto mine = mutex.lock();
  (void)co_await nara::select_biased(mine, nara::time::sleep(1ms));
  guard.reset();  // Now it is the turn of `mine`.
  const MutexGuard<int> again = co_await mutex.lock();
}
// [/future]

Async<> try_for_five_seconds(const char* name, Async<> work) {
  const auto result = co_await nara::time::timeout(5s, std::move(work));
  std::printf("%-22s %s\n", name, result ? "is done" : "stands still");
}

Async<> all() {
  co_await try_for_five_seconds("in a circle", in_a_circle());
  co_await try_for_five_seconds("to oneself", to_oneself());
  co_await try_for_five_seconds("never the last", never_the_last());
  co_await try_for_five_seconds("chosen, and not asked", chosen_and_not_asked());
}

}  // namespace

int main() { run_paused(all); }
