// Results of every awkward kind come out of tasks and of block_on as they went in.
#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <nara/current_thread.hpp>
#include <string>

#include "tasks.hpp"

using nara::Async;
using nara::block_on;
using nara::JoinHandle;
using nara::spawn;
using nara::TaskResult;

namespace {

struct MoveOnly {
  std::unique_ptr<int> number;
};

struct NoDefault {
  explicit NoDefault(int number) : number(number) {}
  int number;
};

struct alignas(64) Aligned {
  int number = 0;
  bool is_aligned() const { return reinterpret_cast<std::uintptr_t>(this) % 64 == 0; }
};

template <class T>
Async<T> make(int number) {
  co_await nara::yield_now();
  if constexpr (std::is_same_v<T, MoveOnly>) {
    co_return MoveOnly{std::make_unique<int>(number)};
  } else {
    co_return T{number};
  }
}

template <class T>
Async<T> through_a_task(int number) {
  JoinHandle<T> handle = spawn(make<T>(number));
  TaskResult<T> result = co_await handle;
  co_return *std::move(result);
}

}  // namespace

TEST_CASE("a result that can only be moved") {
  CHECK(*block_on(make<MoveOnly>(7)).number == 7);
  CHECK(*block_on(through_a_task<MoveOnly>(8)).number == 8);
}

TEST_CASE("a result that has no default") {
  CHECK(block_on(make<NoDefault>(7)).number == 7);
  CHECK(block_on(through_a_task<NoDefault>(8)).number == 8);
}

TEST_CASE("a result that needs more than the usual alignment") {
  const Aligned direct = block_on(make<Aligned>(7));
  CHECK(direct.number == 7);
  CHECK(direct.is_aligned());
  const Aligned spawned = block_on(through_a_task<Aligned>(8));
  CHECK(spawned.number == 8);
  CHECK(spawned.is_aligned());
}

TEST_CASE("a captured object that needs more than the usual alignment") {
  const Aligned captured{7};
  const bool is_aligned = block_on([&]() -> Async<bool> {
    JoinHandle<bool> handle = spawn([captured]() -> Async<bool> { co_return captured.is_aligned(); });
    const TaskResult<bool> result = co_await handle;
    co_return *result;
  });
  CHECK(is_aligned);
}

TEST_CASE("no result at all") {
  const auto nothing = []() -> Async<> { co_return; };
  block_on(nothing());
  block_on([&]() -> Async<> {
    JoinHandle<void> handle = spawn(nothing);
    const TaskResult<void> result = co_await handle;
    CHECK(result.has_value());
  });
}
