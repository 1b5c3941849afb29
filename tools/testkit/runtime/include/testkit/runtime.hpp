// Tests of what runs on a runtime, whichever it is, and of tasks that nobody wakes.
//
//   TEST_CASE("a task gives its value to the one who awaits its handle") {
//     run([]() -> Async<> {
//       step("spawn a task that returns 7");
//       JoinHandle<int> handle = nara::spawn(seven);
//       const TaskResult<int> result = co_await handle;
//       CHECK(*result == 7);
//     });
//   }
//
// The body is run once on each flavour of runtime, and the steps name the flavour. So what it
// counts belongs inside of it. A test that needs the runtime itself asks for it:
//
//   on_every_runtime([](auto& runtime) {
//     JoinHandle<int> handle = runtime.spawn(seven);
//     CHECK(runtime.block_on(std::move(handle)) == 7);
//   });
//
// Nothing has to be done for the rest. A task that nobody can wake any more ends the test at once.
// So does a runtime that sleeps while there is nobody left to wake it. A test that takes too long
// is ended by the watchdog, which prints what each task waits for.
#pragma once

#include <cstdint>
#include <functional>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/runtime.hpp>
#include <nara/spawn.hpp>
#include <nara/task_info.hpp>
#include <source_location>
#include <string_view>
#include <testkit/steps.hpp>
#include <tuple>
#include <vector>

namespace nara::test {

/// A way to run tasks: its name, and how to make one.
template <class Make>
struct Flavour {
  std::string_view name;
  Make make;
};

/// All that have a reactor and a clock. A new one is one more line.
inline constexpr std::tuple kRuntimes{
    Flavour{"Runtime, current_thread", [] { return Runtime::create().value(); }},
};

/// The same, and those without.
inline constexpr std::tuple kFlavours =
    std::tuple_cat(std::tuple{Flavour{"CurrentThread", [] { return CurrentThread(); }}}, kRuntimes);

/// The same as `kRuntimes`, with a clock that stands still.
inline constexpr std::tuple kPausedRuntimes{
    Flavour{"Runtime, current_thread, paused",
            [] {
              return Runtime::Builder::current_thread().enable_all().start_paused().build().value();
            }},
};

/// Calls `test(runtime)` for each of `flavours`, with a new runtime of it.
template <class Test, class Flavours = decltype(kFlavours)>
void on_every_runtime(Test test, const Flavours& flavours = kFlavours) {
  const auto on = [&](const auto& flavour) {
    step("make a runtime: ", flavour.name);
    auto runtime = flavour.make();
    test(runtime);
  };
  std::apply([&](const auto&... each) { (on(each), ...); }, flavours);
}

/// The function `block_on` of some runtime.
using BlockOn = std::function<void(Async<>)>;

/// Which runtimes a test is run on.
enum class On : std::uint8_t { kFlavours, kRuntimes, kPausedRuntimes };

/// Calls `test(block_on)` for each of them, with that of a new runtime.
///
/// Why it hides the runtime: `run` is called for so many bodies that it takes a learner's time to
/// compile a task of its own for each of them.
void on_every_block_on(On which, const std::function<void(const BlockOn&)>& test,
                       std::source_location where);

/// Runs `body()`, a coroutine, to its end on each flavour of runtime, as the task that `block_on`
/// makes of it.
template <FutureFunction Body>
void run(const Body& body, std::source_location where = std::source_location::current()) {
  on_every_block_on(On::kFlavours, [&](const BlockOn& block_on) { block_on(body()); }, where);
}

/// The same, on each that has a reactor and a clock.
template <FutureFunction Body>
void run_with_drivers(const Body& body,
                      std::source_location where = std::source_location::current()) {
  on_every_block_on(On::kRuntimes, [&](const BlockOn& block_on) { block_on(body()); }, where);
}

/// The same, while the clock stands still: time passes at once whenever all tasks wait.
template <FutureFunction Body>
void run_paused(const Body& body, std::source_location where = std::source_location::current()) {
  on_every_block_on(On::kPausedRuntimes, [&](const BlockOn& block_on) { block_on(body()); }, where);
}

/// Lets all others that are ready have so many turns.
Async<> let_run(int turns = 1);

/// The same until this is true, or until even the kernel has had a thousand turns to say something.
/// To be checked afterwards: then a test that fails says what was, and does not hang.
Async<> let_run_until(std::function<bool()> is_true);

/// While it lives, a task that nobody can wake any more does not end the test, but is noted down
/// here. For tests of just that.
class ForgottenTasks {
 public:
  ForgottenTasks();
  ForgottenTasks(const ForgottenTasks&) = delete;
  ForgottenTasks& operator=(const ForgottenTasks&) = delete;
  ~ForgottenTasks();

  /// Those so far, the first first.
  std::vector<TaskInfo> tasks() const;

 private:
  ForgottenHook previous_;
};

}  // namespace nara::test
