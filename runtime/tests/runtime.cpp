#include <doctest/doctest.h>

#include <nara/async.hpp>
#include <nara/runtime.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/sleep.hpp>
using namespace nara;
using namespace std::chrono_literals;
TEST_CASE("a handle that is kept after its runtime is gone cancels what it is given") {
  std::optional<Handle> handle;
  {
    auto runtime = Runtime::create();
    REQUIRE(runtime.has_value());
    handle = runtime->handle();
    CHECK(runtime->block_on([]() -> Async<int> {
      co_await time::sleep(2ms);
      co_return 7;
    }) == 7);
  }
  JoinHandle<void> task = handle->spawn([]() -> Async<> { co_return; });
  CHECK(task.is_finished());
}
