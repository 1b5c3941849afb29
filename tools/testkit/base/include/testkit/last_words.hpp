// For tests of what ends the program, and of what it says then.
#pragma once

#include <functional>
#include <string>

namespace nara::test {

/// Runs `act` in a child process and returns what that wrote to its standard error when it died.
/// Empty when it lived on.
std::string last_words(const std::function<void()>& act);

}  // namespace nara::test
