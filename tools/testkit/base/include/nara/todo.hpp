// The hole that a learner fills. It can stand wherever a value is expected.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <testkit/exit_codes.hpp>
#include <utility>

namespace nara {

/// What `todo()` would return if it returned: something that converts to any type.
struct Todo {
  template <class T>
  operator T() const {
    std::unreachable();
  }
};

/// Runs before `todo()` ends the program. The test kit sets it to print the steps so far.
/// Visible across libnara.so and the program, so that both call the same one.
[[gnu::visibility("default")]] inline void (*before_todo_ends)() = nullptr;

/// Says what is still to be written, and ends the program with exit code 77.
///
/// `todo("05-1: accept a connection")` prints `TODO(05-1): accept a connection`. It does not throw,
/// so that it works inside functions that are `noexcept`.
[[noreturn]] inline Todo todo(std::string_view sentence) noexcept {
  if (before_todo_ends != nullptr) before_todo_ends();
  const auto colon = sentence.find(": ");
  const std::string_view id = sentence.substr(0, colon);
  const std::string_view task = colon == sentence.npos ? "" : sentence.substr(colon + 2);
  std::fprintf(stderr, "TODO(%.*s): %.*s\n", static_cast<int>(id.size()), id.data(),
               static_cast<int>(task.size()), task.data());
  std::fflush(nullptr);
  std::_Exit(test::kTodo);
}

}  // namespace nara
