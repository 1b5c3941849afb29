// The numbered steps of a test, printed when it fails, hangs, dies, or meets a todo.
#pragma once

#include <cstdio>
#include <sstream>
#include <string_view>

namespace nara::test {

/// Writes down what the test does next: `step("poll it ", n, " times")`. Usable from any thread.
void write_step(std::string_view sentence);

template <class... Parts>
void step(const Parts&... parts) {
  std::ostringstream sentence;
  (sentence << ... << parts);
  write_step(sentence.view());
}

/// Begins the steps of a test, and forgets those of the one before. The name has to stay.
void begin_steps(const char* test);

/// The test has ended. Its steps can still be printed.
void end_steps();

/// True between the two.
bool is_in_test();

/// Prints the name of the test and its steps to `out`, with an arrow at the last step: that is
/// where the test was. `remark` comes after the name.
void print_steps(std::FILE* out, const char* remark = "");

}  // namespace nara::test
