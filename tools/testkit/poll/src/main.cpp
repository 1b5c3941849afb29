// The main function of every test program: doctest, with our reporter and a watchdog.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <nara/todo.hpp>
#include <testkit/steps.hpp>

int main(int argc, char** argv) {
  nara::before_todo_ends = [] { nara::test::print_steps(stderr); };
  doctest::Context context;
  context.setOption("reporters", "nara");
  context.applyCommandLine(argc, argv);
  return context.run();
}
