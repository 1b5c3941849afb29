// Two tasks wait for each other. Another thread asks where everybody stands.
#include <chrono>
#include <iostream>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/task_dump.hpp>
#include <thread>

#include "doorbell.hpp"

using namespace std::chrono_literals;
using nara::Async;
using nara::JoinHandle;

// [main]
/// "After you."
Async<> be_polite(Doorbell& yours, Doorbell& mine) {
  co_await yours;
  mine.ring();
}

Async<> meet() {
  Doorbell left;
  Doorbell right;
  JoinHandle<void> ann = nara::TaskBuilder().name("Ann").spawn(be_polite(left, right));
  JoinHandle<void> bob = nara::TaskBuilder().name("Bob").spawn(be_polite(right, left));
  const std::jthread observer([&] {
    std::this_thread::sleep_for(100ms);
    nara::dump_tasks(std::cout, 100ms);
    ann.abort();
    bob.abort();
  });
  (void)co_await ann;
  (void)co_await bob;
}
// [/main]

int main() { nara::block_on(meet()); }
