// The tasks of all runtimes, for who watches over a test. Here stands what is asked; `runtime`
// answers, or program/alone.cpp where there is no runtime.
#pragma once

#include <cstdio>

namespace nara::test {

/// From now on, a task that nobody can wake any more ends the program. Called once, at the start.
void end_at_forgotten_tasks();

/// From now on, it is known which executors sleep. Called once, at the start.
void watch_sleepers();

/// True when all threads that tests have started, and the one that runs the tests, sleep in
/// executors, and nobody is left who could wake one. It stays true then. Called by the watchdog.
bool nothing_can_make_progress();

/// When nothing can make progress: does anybody hold a waker, and not use it? To be asked before
/// the tasks are printed, because that rouses their executors.
bool wakers_are_out();

/// Prints all tasks of all executors: where they wait, for what, and how many wakers they have.
void print_tasks(std::FILE* out);

}  // namespace nara::test
