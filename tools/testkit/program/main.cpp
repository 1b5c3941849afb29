// The main function of every test program: doctest, with our reporter, and all that watches.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <testkit/tasks.hpp>

#include "deaths.hpp"

int main(int argc, char** argv) {
  // A program that is ended in the middle has printed every line up to there.
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  nara::test::print_steps_at_death();
  nara::test::end_at_forgotten_tasks();
  nara::test::watch_sleepers();
  doctest::Context context;
  context.setOption("reporters", "nara");
  context.applyCommandLine(argc, argv);
  return context.run();
}
