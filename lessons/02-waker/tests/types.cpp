// Results of every awkward kind come out of tasks and of block_on as they went in.
#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <nara/current_thread.hpp>
#include <vector>

#include "tasks.hpp"

using nara::Async;
using nara::block_on;
using nara::CurrentThread;
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

struct alignas(256) Aligned {
  int number = 0;
  bool is_aligned() const { return reinterpret_cast<std::uintptr_t>(this) % 256 == 0; }
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
  // Not through a local variable of a coroutine: compilers misalign those.
  const auto make = [] { return Aligned{7}; };
  const Aligned direct = block_on(nara::lazy(make));
  CHECK(direct.number == 7);
  CHECK(direct.is_aligned());
  CurrentThread executor;
  std::vector<JoinHandle<Aligned>> handles;  // Several: one may stand right by luck.
  for (int i = 0; i < 20; ++i) handles.push_back(executor.spawn(nara::lazy(make)));
  for (JoinHandle<Aligned>& handle : handles) {
    const TaskResult<Aligned> result = executor.block_on(handle);
    CHECK(result->number == 7);
    CHECK(result->is_aligned());
  }
}

TEST_CASE("a captured object that needs more than the usual alignment") {
  const Aligned captured{7};
  block_on([&]() -> Async<> {
    std::vector<JoinHandle<bool>> handles;  // Several: one may stand right by luck.
    for (int i = 0; i < 20; ++i) {
      handles.push_back(spawn([captured]() -> Async<bool> { co_return captured.is_aligned(); }));
    }
    for (JoinHandle<bool>& handle : handles) {
      const TaskResult<bool> result = co_await handle;
      CHECK(result == true);
    }
  });
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
