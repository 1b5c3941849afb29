// All of several futures: one after the other, joined in one task, and in a task each.
#include <cstdint>
#include <cstdio>
#include <expected>
#include <nara/async.hpp>
#include <nara/current.hpp>
#include <nara/join.hpp>
#include <nara/spawn.hpp>
#include <nara/time/sleep.hpp>
#include <nara/try_join.hpp>
#include <string>

#include "paused.hpp"

using nara::Async;
using namespace std::chrono_literals;

// [cook]
Async<std::string> cook(const char* dish, nara::time::Duration takes) {
  co_await nara::time::sleep(takes);
  co_return dish;
}

// [ways]
Async<> in_turn() {
  const std::string egg = co_await cook("egg", 20ms);
  const std::string rice = co_await cook("rice", 60ms);
}

Async<> joined() {
  const auto [egg, rice] = co_await nara::join(cook("egg", 20ms), cook("rice", 60ms));
}

Async<> spawned() {
  auto egg = nara::spawn(cook("egg", 20ms));
  auto rice = nara::spawn(cook("rice", 60ms));
  const auto both = co_await nara::join(egg, rice);
}
// [/ways]
// [/cook]

// [fails]
using Answer = std::expected<std::string, std::string>;

Async<Answer> burn(const char* dish, nara::time::Duration takes) {
  co_await nara::time::sleep(takes);
  co_return std::unexpected(std::string(dish) + " is burnt");
}

Async<Answer> cook_well(const char* dish, nara::time::Duration takes) {
  co_await nara::time::sleep(takes);
  co_return dish;
}

Async<> fails() {
  const auto meal = co_await nara::try_join(cook_well("rice", 60ms), burn("egg", 20ms));
  std::printf("%s\n", meal ? "a meal" : meal.error().c_str());
}
// [/fails]

std::uint64_t tasks_so_far() { return nara::Current::counters()->spawned; }

Async<> row(const char* name, Async<> (*work)()) {
  const nara::time::Instant start = nara::time::now();
  const std::uint64_t before = tasks_so_far();
  co_await work();
  const int took = ms_since(start);
  std::printf("%-9s %3d ms, %d tasks\n", name, took, static_cast<int>(tasks_so_far() - before));
}

Async<> all() {
  co_await row("in turn", in_turn);
  co_await row("join", joined);
  co_await row("spawn", spawned);
  co_await row("try_join", fails);
}

int main() { run_paused(all); }
