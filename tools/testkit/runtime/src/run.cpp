// The bodies of tests, as tasks of each flavour of runtime.
#include <chrono>
#include <nara/yield_now.hpp>
#include <testkit/runtime.hpp>
#include <utility>

namespace nara::test {

void on_every_block_on(On which, const std::function<void(const BlockOn&)>& test,
                       std::source_location where) {
  const auto on = [&](auto& runtime) {
    test([&](Async<> body) { runtime.block_on(std::move(body), where); });
  };
  switch (which) {
    case On::kFlavours:
      return on_every_runtime(on, kFlavours);
    case On::kRuntimes:
      return on_every_runtime(on, kRuntimes);
    case On::kPausedRuntimes:
      return on_every_runtime(on, kPausedRuntimes);
  }
}

Async<> let_run(int turns) {
  for (int turn = 0; turn < turns; ++turn) co_await nara::yield_now();
}

Async<> let_run_until(std::function<bool()> is_true) {
  constexpr int kTurns = 1000 * 61;  // The kernel is asked after 61 turns of tasks.
  // On a busy machine it may be slow nevertheless.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  const auto is_over = [&](int turn) {
    return turn >= kTurns && std::chrono::steady_clock::now() >= deadline;
  };
  for (int turn = 0; !is_true() && !is_over(turn); ++turn) co_await nara::yield_now();
}

}  // namespace nara::test
