// What happens to a test when a task is forgotten: when nobody can wake it any more.
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <sstream>
#include <testkit/exit_codes.hpp>
#include <testkit/runtime.hpp>
#include <testkit/steps.hpp>
#include <testkit/tasks.hpp>
#include <utility>

namespace nara::test {

namespace {

/// Ends the program. Why not only the test: most likely somebody waits for that task, for ever.
void end_program(const TaskInfo& task) {
  std::ostringstream text;
  text << task;
  print_steps(stdout);
  std::fprintf(stdout, "  a task will never go on\n\n%s", text.str().c_str());
  std::fflush(stdout);
  std::_Exit(kForgotten);
}

struct Notes {
  std::mutex mutex;
  std::vector<TaskInfo> tasks;
};

Notes& notes() {
  static auto* const notes = new Notes();
  return *notes;
}

void note_down(const TaskInfo& task) {
  const std::lock_guard lock(notes().mutex);
  notes().tasks.push_back(task);
}

}  // namespace

void end_at_forgotten_tasks() { set_forgotten_hook(end_program); }

ForgottenTasks::ForgottenTasks() : previous_(set_forgotten_hook(note_down)) {
  const std::lock_guard lock(notes().mutex);
  notes().tasks.clear();
}

ForgottenTasks::~ForgottenTasks() { set_forgotten_hook(previous_); }

std::vector<TaskInfo> ForgottenTasks::tasks() const {
  const std::lock_guard lock(notes().mutex);
  return notes().tasks;
}

}  // namespace nara::test
