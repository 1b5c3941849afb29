// The tasks of all runtimes, as the one sees them who watches over a test.
#pragma once

#include <cstdio>

namespace nara::test {

/// Sets the hooks of the library: to notice who sleeps, and what is forgotten. Called once, by the
/// main function, before there is any other thread.
void watch_tasks();

/// Says that those threads that are there now, except this one, belong to the program and never wake
/// a task. Called once, when the watchdog's thread has started.
void ignore_other_threads();

/// True when every thread sleeps in a runtime that only another one could wake. It is true for ever
/// then. For the watchdog.
bool nothing_can_make_progress();

/// Prints all tasks of all runtimes. Returns how many executors gave no answer in time.
void print_tasks(std::FILE* out);

}  // namespace nara::test
