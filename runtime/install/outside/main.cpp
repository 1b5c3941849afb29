// A program of somebody else's, on the library that is installed.
#include <chrono>
#include <cstdio>
#include <nara/nara.hpp>

using namespace std::chrono_literals;

static nara::Async<> wait(const char* name, nara::time::Duration time) {
  co_await nara::time::sleep(time);
  std::puts(name);
  std::fflush(stdout);
}

static nara::Async<> both(nara::time::Duration longer) {
  nara::JoinHandle<void> late = nara::spawn(wait, "late", longer);
  nara::JoinHandle<void> early = nara::spawn(wait, "early", 10ms);
  (void)co_await late;
  (void)co_await early;
}

int main(int count, char**) {
  return nara::main(both, count == 1 ? nara::time::Duration(20ms) : nara::time::Duration(1h));
}
