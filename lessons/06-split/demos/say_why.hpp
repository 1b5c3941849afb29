// Patience, for the demos that hang.
#pragma once

#include <chrono>
#include <cstdio>
#include <iostream>
#include <nara/async.hpp>
#include <nara/join_handle.hpp>
#include <nara/task_dump.hpp>
#include <nara/time/timeout.hpp>

/// Waits for a task, but for no longer than a second. Then it says what all tasks wait for.
inline nara::Async<> wait_or_say_why(nara::JoinHandle<void> task) {
  const auto in_time = co_await nara::time::timeout(std::chrono::seconds(1), task);
  if (in_time) co_return;
  std::printf("nothing has been heard for a second:\n");
  std::fflush(stdout);
  nara::dump_tasks(std::cout, std::chrono::milliseconds(100));
}
