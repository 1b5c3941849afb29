// What may be returned from a coroutine: anything that can be moved.
#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <nara/async.hpp>
#include <testkit/by_hand.hpp>
#include <testkit/gate.hpp>
#include <utility>

using nara::Async;
using nara::Context;
using nara::kPending;
using nara::Poll;
using nara::test::by_hand;
using nara::test::Gate;

namespace {

/// Can be moved, and nothing else.
class OnlyMoves {
 public:
  explicit OnlyMoves(int number) : number_(number) {}
  OnlyMoves(OnlyMoves&&) = default;
  OnlyMoves& operator=(OnlyMoves&&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

/// Needs more alignment than memory from `operator new` has.
struct alignas(64) Wide {
  std::array<unsigned char, 64> bytes{};
  bool is_aligned() const { return reinterpret_cast<std::uintptr_t>(this) % 64 == 0; }
};

Async<OnlyMoves> only_moves() { co_return OnlyMoves(7); }
Async<std::unique_ptr<int>> owner() { co_return std::make_unique<int>(7); }
Async<Wide> wide(unsigned char first) {
  auto made = std::make_unique<Wide>();
  made->bytes[0] = first;
  co_return std::move(*made);
}

}  // namespace

TEST_CASE("a value that can only be moved goes through a chain intact") {
  auto parent = []() -> Async<OnlyMoves> {
    OnlyMoves value = co_await only_moves();
    co_return std::move(value);
  };
  CHECK(by_hand(parent()).poll().value().number() == 7);
}

TEST_CASE("ownership goes through a chain and is never copied") {
  auto parent = []() -> Async<std::unique_ptr<int>> {
    std::unique_ptr<int> value = co_await owner();
    co_return std::move(value);
  };
  auto async = by_hand(parent());
  const std::unique_ptr<int> value = async.poll().value();
  CHECK(*value == 7);
}

TEST_CASE("a result that needs an alignment of 64 bytes has it when it comes out") {
  auto parent = []() -> Async<int> {
    Async<Wide> child = wide(7);
    auto value = std::make_unique<Wide>(co_await child);
    co_return value->is_aligned() ? value->bytes[0] : -1;
  };
  CHECK(by_hand(parent()).poll().value() == 7);
  auto root = by_hand(wide(9));
  Poll<Wide> answer = root.poll();
  CHECK(answer.value().is_aligned());
  CHECK(answer.value().bytes[0] == 9);
}

TEST_CASE("a result that needs an alignment of 64 bytes waits correctly in a leaf") {
  Gate gate;
  auto leaf = nara::poll_fn([wait = gate.wait()](Context& context) mutable -> Poll<Wide> {
    if (wait.poll(context).is_pending()) return kPending;
    return Wide{{7}};
  });
  auto parent = [](decltype(leaf)& leaf) -> Async<int> {
    auto value = std::make_unique<Wide>(co_await leaf);
    co_return value->bytes[0];
  };
  auto async = by_hand(parent(leaf));
  CHECK(async.poll().is_pending());
  gate.open();
  CHECK(async.poll().value() == 7);
}

TEST_CASE("a coroutine without a value is ready, and gives nothing") {
  auto nothing = []() -> Async<> { co_return; };
  auto parent = [&nothing]() -> Async<> { co_await nothing(); };
  CHECK(by_hand(parent()).poll().is_ready());
}

TEST_CASE("a reference is returned in a reference_wrapper") {
  int number = 1;
  auto borrow = [](int& number) -> Async<std::reference_wrapper<int>> { co_return number; };
  auto parent = [&borrow](int& number) -> Async<> {
    int& same = co_await borrow(number);
    same = 7;
  };
  CHECK(by_hand(parent(number)).poll().is_ready());
  CHECK(number == 7);
}

TEST_CASE("co_return converts to the type that the coroutine returns") {
  auto text = []() -> Async<std::string> { co_return "seven"; };
  auto pair = []() -> Async<std::pair<int, int>> { co_return {3, 4}; };
  CHECK(by_hand(text()).poll().value() == "seven");
  CHECK(by_hand(pair()).poll().value() == std::pair(3, 4));
}

TEST_CASE("a coroutine can be kept in a std::function and called with std::invoke") {
  const std::function<Async<int>(int)> twice = [](int value) -> Async<int> { co_return 2 * value; };
  auto parent = [](const std::function<Async<int>(int)>& twice) -> Async<int> {
    int first = co_await twice(3);
    int second = co_await std::invoke(twice, first);
    co_return second;
  };
  CHECK(by_hand(parent(twice)).poll().value() == 12);
}
