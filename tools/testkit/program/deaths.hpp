// What a test leaves behind when it does not end but dies: its steps.
#pragma once

#include <cstddef>

namespace nara::test {

/// From now on the steps are printed, once, when the program dies: by a sanitizer, a signal, a
/// todo, or exit() in the middle of a test. Called once, at the start.
///
/// Whoever explains a death goes on doing so: the exit code and the sanitizer's words stay as they
/// are.
void print_steps_at_death();

/// The memory that is in use, in bytes, as a sanitizer counts it. 0 without one.
std::size_t bytes_in_use();

/// True when a sanitizer finds memory that nobody can reach any more. It has said so then.
bool has_leaked();

}  // namespace nara::test
