// How each kind of death is noticed.
#include "deaths.hpp"

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <nara/todo.hpp>
#include <testkit/exit_codes.hpp>
#include <testkit/steps.hpp>

// NOLINTBEGIN(readability-identifier-naming): the names are those of the sanitizers.

// Only there when a sanitizer is.
extern "C" [[gnu::weak]] void __sanitizer_set_death_callback(void (*)());
extern "C" [[gnu::weak]] std::size_t __sanitizer_get_current_allocated_bytes();
extern "C" [[gnu::weak]] int __lsan_do_recoverable_leak_check();

/// Why: after a race that is only reported, the steps printed would be those of some later test.
extern "C" [[gnu::visibility("default")]] const char* __tsan_default_options() {
  return "halt_on_error=1";
}

#ifndef __clang__
/// Why: in g++, this sanitizer does not know what the others have been told to do at a death.
extern "C" [[gnu::visibility("default")]] const char* __ubsan_default_options() {
  return "abort_on_error=1";
}
#endif

// NOLINTEND(readability-identifier-naming)

namespace nara::test {

namespace {

pid_t this_process = 0;

/// Says which test died of what, once: a death often brings another one.
void say(const char* killer) {
  static constinit std::atomic<bool> is_said = false;
  if (is_said.exchange(true)) return;
  const char* const victim = is_in_test() ? "this test" : "the program, and this was the last test";
  std::fprintf(stderr, "\n%s ended %s:\n", killer, victim);
  print_steps(stderr);
}

// Signals. What is done in a handler is more than POSIX allows; but the program is lost anyway.

struct Signal {
  int number;
  const char* meaning;
};

constexpr std::array kDeadly{
    Signal{SIGSEGV, "A segmentation fault (memory that is not there, or a full stack)"},
    Signal{SIGBUS, "A bus error (memory that is not there)"},
    Signal{SIGFPE, "An arithmetic error (a division by zero)"},
    Signal{SIGILL, "An illegal instruction"},
    Signal{SIGABRT, "abort()"},  // Of assert(), and of std::terminate(), which have said why.
};

void die_of_signal(int number) {
  for (const Signal& deadly : kDeadly) {
    if (deadly.number == number) say(deadly.meaning);
  }
  std::raise(number);  // Now it has its usual effect: SA_RESETHAND.
}

/// Catches the signals that nobody else does: a sanitizer explains its own much better.
void catch_signals() {
  // A full stack is no place for a handler.
  static constinit std::array<char, 1 << 16> stack{};
  const stack_t place{.ss_sp = stack.data(), .ss_flags = 0, .ss_size = stack.size()};
  for (const Signal& deadly : kDeadly) {
    struct sigaction now{};
    ::sigaction(deadly.number, nullptr, &now);
    if (now.sa_handler != SIG_DFL) continue;
    if (deadly.number == SIGSEGV) ::sigaltstack(&place, nullptr);
    struct sigaction ours{};
    ours.sa_handler = die_of_signal;
    ours.sa_flags = static_cast<int>(SA_ONSTACK | SA_RESETHAND | SA_NODEFER);
    ::sigaction(deadly.number, &ours, nullptr);
  }
}

/// A program that leaves in the middle of a test would look as if all was well.
void catch_exit() {
  this_process = ::getpid();
  constexpr auto kCheck = [] {
    if (!is_in_test() || ::getpid() != this_process) return;
    say("exit()");
    std::_Exit(kFailed);
  };
  std::atexit(kCheck);
  std::at_quick_exit(kCheck);
}

}  // namespace

void print_steps_at_death() {
  before_todo_ends = [] { print_steps(stderr); };
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback([] { say("The sanitizer above"); });
  }
  catch_signals();
  catch_exit();
}

std::size_t bytes_in_use() {
  if (__sanitizer_get_current_allocated_bytes == nullptr) return 0;
  return __sanitizer_get_current_allocated_bytes();
}

bool has_leaked() {
  return __lsan_do_recoverable_leak_check != nullptr && __lsan_do_recoverable_leak_check() != 0;
}

}  // namespace nara::test
