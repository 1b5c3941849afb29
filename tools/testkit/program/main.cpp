// The main function of every test program: doctest, with our reporter and a watchdog.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <nara/todo.hpp>
#include <testkit/steps.hpp>
#include <testkit/tasks.hpp>

namespace {

std::terminate_handler say_why = nullptr;

[[noreturn]] void terminate_with_steps() {
  std::fprintf(stderr, "\nstd::terminate() ended this test:\n");
  nara::test::print_steps(stderr);
  say_why();
  std::abort();
}

}  // namespace

int main(int argc, char** argv) {
  // A program that is ended in the middle has printed every line up to there.
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  nara::before_todo_ends = [] { nara::test::print_steps(stderr); };
  say_why = std::set_terminate(terminate_with_steps);
  nara::test::watch_tasks();
  doctest::Context context;
  context.setOption("reporters", "nara");
  context.applyCommandLine(argc, argv);
  return context.run();
}
