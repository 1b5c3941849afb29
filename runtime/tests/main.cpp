// Programs: what main() returns, and what a signal does. Built as exercises are: their main() has
// to compile, too.
#define NARA_CHECK_LIFETIMES

#include <csignal>
#include <cstdlib>
#include <nara/doctest.hpp>
#include <nara/nara.hpp>
#include <testkit/last_words.hpp>
#include <testkit/tracked.hpp>

using nara::Async;
using namespace std::chrono_literals;

NARA_TEST_CASE("the body of a test case may be a coroutine") {
  nara::time::pause();
  const auto before = nara::time::now();
  co_await nara::time::sleep(1h);
  CHECK(nara::time::now() - before >= 1h);
  CHECK(nara::time::now() - before < 1h + 1ms);
}

TEST_CASE("main() gives the exit code that its root gives") {
  CHECK(nara::main([]() -> Async<int> { co_return 3; }) == 3);
  CHECK(nara::main([]() -> Async<> { co_return; }) == 0);
  const auto add = [](int a, int b) -> Async<int> { co_return a + b; };
  CHECK(nara::main(add, 3, 4) == 7);
}

TEST_CASE("main() destroys its root when the process is told to end") {
  for (const int signal : {SIGINT, SIGTERM}) {
    bool is_destroyed = false;
    struct Witness {
      bool& is_destroyed;
      ~Witness() { is_destroyed = true; }
    };
    const auto root = [&]() -> Async<> {
      const Witness witness{is_destroyed};
      std::raise(signal);
      co_await nara::pending();
    };
    CHECK(nara::main(root) == 128 + signal);
    CHECK(is_destroyed);
  }
}
