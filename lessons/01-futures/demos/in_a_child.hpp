// For code that may overflow the stack: lets it do so in a process of its own.
#pragma once

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

/// Calls `function` in a child process with a stack of 8 MiB. True when it came back.
template <class F>
bool survives(F function) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit stack{8 << 20, 8 << 20};
    ::setrlimit(RLIMIT_STACK, &stack);
    const rlimit no_core_file{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core_file);
    std::signal(SIGSEGV, SIG_DFL);  // Die as any program does, also under a sanitizer.
    function();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status == 0;
}
