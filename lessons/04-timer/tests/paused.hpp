// What many of these tests need: a runtime whose clock stands still, from outside.
#pragma once

#include <chrono>
#include <nara/time/pause.hpp>
#include <testkit/runtime.hpp>
#include <testkit/steps.hpp>

/// Calls `test(runtime)` inside of each runtime whose clock stands still: what it makes belongs to
/// that, and it may poll it by hand.
template <class Test>
void in_paused(Test test) {
  nara::test::on_every_runtime(
      [&](auto& runtime) {
        const nara::Current inside = runtime.enter();
        test(runtime);
      },
      nara::test::kPausedRuntimes);
}

/// Moves the clock of a runtime that nobody runs.
template <class Runtime>
void move_clock(Runtime& runtime, nara::time::Duration by) {
  nara::test::step("the clock moves by ", std::chrono::duration<double>(by).count(), " s");
  runtime.block_on(nara::time::advance(by));
}
