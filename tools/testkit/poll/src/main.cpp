// The main function of every test program: doctest, with our reporter and a watchdog.
#define DOCTEST_CONFIG_IMPLEMENT
// Why: doctest's handlers would take crashes away from the sanitizers, which explain them.
#define DOCTEST_CONFIG_NO_POSIX_SIGNALS
#include <doctest/doctest.h>

#include <exception>
#include <nara/todo.hpp>
#include <testkit/steps.hpp>

namespace {

std::terminate_handler say_why = nullptr;

[[noreturn]] void terminate_with_steps() {
  std::fprintf(stderr, "\nstd::terminate() ended the test. Its steps:\n");
  nara::test::print_steps(stderr);
  say_why();
  std::abort();
}

}  // namespace

int main(int argc, char** argv) {
  nara::before_todo_ends = [] { nara::test::print_steps(stderr); };
  say_why = std::set_terminate(terminate_with_steps);
  doctest::Context context;
  context.setOption("reporters", "nara");
  context.applyCommandLine(argc, argv);
  return context.run();
}
