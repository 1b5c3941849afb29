// Tests that die on purpose, each in its own way: what is printed then is checked in
// CMakeLists.txt.
#include <doctest/doctest.h>

#include <cassert>
#include <cstdlib>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <testkit/steps.hpp>
#include <thread>

using nara::test::step;

TEST_CASE("touches freed memory") {
  step("free it");
  auto memory = std::make_unique<int>(1);
  const int* const freed = memory.get();
  memory.reset();
  step("read it");
  CHECK(*freed == 1);
}

TEST_CASE("adds too much") {
  step("add one to the greatest int");
  volatile int greatest = std::numeric_limits<int>::max();
  CHECK(greatest + 1 != 0);
}

TEST_CASE("races") {
  step("write twice at a time");
  int shared = 0;
  std::thread other([&] { ++shared; });
  ++shared;
  other.join();
}

TEST_CASE("leaks") {
  step("lose a block of memory");
  const volatile int* block = new int(1);
  CHECK(*block == 1);
  block = nullptr;
}

TEST_CASE("throws where nothing may throw") {
  step("throw from a noexcept function");
  const std::function<void()> act = [] { throw std::runtime_error("not here"); };
  [&act]() noexcept { act(); }();
}

TEST_CASE("throws on another thread") {
  step("throw on a thread that catches nothing");
  std::thread([] { throw std::runtime_error("not there"); }).join();
}

TEST_CASE("asserts what is not so") {
  step("assert it");
  const bool is_so = std::getenv("PATH") == nullptr;
  assert(is_so && "it is so");
}

TEST_CASE("takes a value that is not there") {
  step("look into an empty optional");
  const std::optional<int> nothing;
  CHECK(*nothing == 1);
}

TEST_CASE("reads through a null pointer") {
  step("read");
  const int* volatile nowhere = nullptr;
  CHECK(*nowhere == 1);
}

namespace {

/// Never gets there: `start` is not below 0.
int count_down(int start) {
  volatile int next = start < 0 ? start : start + 1;
  return next < 0 ? 0 : count_down(next / 2 + 1) + next;
}

}  // namespace

TEST_CASE("fills the stack") {
  step("recurse for ever");
  CHECK(count_down(1) == 0);
}

TEST_CASE("leaves by exit") {
  step("leave");
  std::exit(0);
}

TEST_CASE("ends well") { step("do nothing"); }
