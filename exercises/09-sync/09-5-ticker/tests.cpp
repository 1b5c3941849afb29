// The tests of 09-5. The clock stands still, and skips to the next alarm when all tasks wait.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <nara/async.hpp>
#include <nara/join_set.hpp>
#include <nara/time/sleep.hpp>
#include <optional>
#include <string>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <ticker.hpp>
#include <utility>
#include <variant>

using namespace std::chrono_literals;

using nara::Async;
using nara::test::by_hand;
using nara::test::run_paused;
using nara::test::step;
using nara::time::Duration;
using nara::time::sleep;

namespace {

/// `tea 5` for a tick, and `[milk 2 tea 5] missed 3` for a snapshot.
std::string text(const std::optional<Update>& update) {
  if (!update) return "end";
  if (const auto* const tick = std::get_if<Tick>(&*update)) {
    return tick->symbol + " " + std::to_string(tick->price);
  }
  const auto& snapshot = std::get<Snapshot>(*update);
  std::string board;
  for (const auto& [symbol, price] : snapshot.board) {
    board += (board.empty() ? "" : " ") + symbol + " " + std::to_string(price);
  }
  return "[" + board + "] missed " + std::to_string(snapshot.missed);
}

/// The next so many updates.
Async<std::string> read(Subscription& subscription, int updates) {
  std::string all;
  for (int number = 0; number < updates; ++number) {
    const std::optional<Update> update = co_await subscription.next();
    all += (all.empty() ? "" : ", ") + text(update);
  }
  co_return all;
}

/// The price of tea becomes `first`, and then one more, each time.
void publish(Ticker& ticker, int first, int last) {
  for (int price = first; price <= last; ++price) ticker.publish("tea", price);
}

/// Somebody who takes a while for each update, until the end.
struct Reader {
  Async<> read(Ticker& ticker, Duration pause) {
    Subscription subscription = ticker.subscribe();
    for (;;) {
      const std::optional<Update> update = co_await subscription.next();
      if (!update) co_return;
      see(*update);
      co_await sleep(pause);
    }
  }

  void see(const Update& update) {
    int newest = price;
    if (const auto* const tick = std::get_if<Tick>(&update)) {
      ++ticks;
      newest = tick->price;
    } else {
      const auto& snapshot = std::get<Snapshot>(update);
      missed += snapshot.missed;
      newest = snapshot.board.at("tea");
    }
    if (newest < price) ++steps_back;
    price = newest;
  }

  int ticks = 0;
  std::uint64_t missed = 0;
  int price = 0;
  int steps_back = 0;  ///< How often the price was one of before.
};

}  // namespace

TEST_CASE("09-5 Ticker: who comes gets the board, and then each tick") {
  run_paused([]() -> Async<> {
    Ticker ticker(4);
    step("two prices before anybody is there, and two later");
    ticker.publish("tea", 5);
    ticker.publish("milk", 2);
    Subscription early = ticker.subscribe();
    const std::string board = co_await read(early, 1);
    CHECK(board == "[milk 2 tea 5] missed 0");
    ticker.publish("tea", 6);
    Subscription late = ticker.subscribe();
    const std::string newer_board = co_await read(late, 1);
    CHECK(newer_board == "[milk 2 tea 6] missed 0");
    ticker.publish("milk", 3);
    const std::string of_early = co_await read(early, 2);
    const std::string of_late = co_await read(late, 1);
    CHECK(of_early == "tea 6, milk 3");
    CHECK(of_late == "milk 3");
  });
}

TEST_CASE("09-5 Ticker: who is too slow is told how many it has missed, and gets the newest") {
  run_paused([]() -> Async<> {
    Ticker ticker(4);
    Subscription slow = ticker.subscribe();
    (void)co_await read(slow, 1);
    step("4 ticks: that is what it may be behind");
    publish(ticker, 1, 4);
    const std::string all = co_await read(slow, 4);
    CHECK(all == "tea 1, tea 2, tea 3, tea 4");
    step("10 ticks: none of them, but what has come of them");
    publish(ticker, 5, 14);
    const std::string newest = co_await read(slow, 1);
    CHECK(newest == "[tea 14] missed 10");
    step("after that, the ticks after that");
    publish(ticker, 15, 16);
    const std::string later = co_await read(slow, 2);
    CHECK(later == "tea 15, tea 16");
  });
}

TEST_CASE("09-5 Ticker: the slow one does not hold up the quick one, and both see the end") {
  run_paused([]() -> Async<> {
    Ticker ticker(4);
    Reader quick;
    Reader slow;
    nara::JoinSet<void> tasks;
    ticker.publish("tea", 0);
    step("100 ticks, one every 10 ms; one takes 1 ms for an update, another one 75");
    tasks.spawn(quick.read(ticker, 1ms));
    tasks.spawn(slow.read(ticker, 75ms));
    for (int price = 1; price <= 100; ++price) {
      co_await sleep(10ms);
      ticker.publish("tea", price);
    }
    ticker.close();
    co_await std::move(tasks).join_all();
    CHECK(quick.ticks == 100);
    CHECK(quick.missed == 0);
    step("what the slow one was given and what it has missed are 100, and no price is an old one");
    CHECK(slow.ticks + static_cast<int>(slow.missed) == 100);
    CHECK(slow.missed > 50);
    CHECK(slow.steps_back == 0);
    CHECK(slow.price == 100);
  });
}

TEST_CASE("09-5 Ticker: who goes is not counted any more, and nobody has to be there") {
  run_paused([]() -> Async<> {
    Ticker ticker(4);
    CHECK(ticker.subscribers() == 0);
    step("a tick without a subscriber is on the board");
    ticker.publish("tea", 5);
    CHECK(ticker.board() == Board{{"tea", 5}});
    std::optional<Subscription> one(ticker.subscribe());
    {
      step("two subscribe; one goes, and then the other, while it waits");
      const Subscription other = ticker.subscribe();
      CHECK(ticker.subscribers() == 2);
    }
    CHECK(ticker.subscribers() == 1);
    (void)co_await read(*one, 1);
    auto waiting = by_hand(one->next());
    REQUIRE(waiting.poll().is_pending());
    waiting.cancel();
    one.reset();
    CHECK(ticker.subscribers() == 0);
    ticker.publish("tea", 6);
    CHECK(ticker.board() == Board{{"tea", 6}});
  });
}

TEST_CASE("09-5 Ticker: after the end there is what is left, and then nothing, for ever") {
  run_paused([]() -> Async<> {
    Ticker ticker(4);
    Subscription quick = ticker.subscribe();
    Subscription slow = ticker.subscribe();
    Subscription fresh = ticker.subscribe();
    (void)co_await read(slow, 1);
    publish(ticker, 1, 7);
    (void)co_await read(quick, 1);
    publish(ticker, 8, 9);
    step("one is behind by 2, one by 9, and one has seen nothing yet: then it is closed");
    ticker.close();
    const std::string of_quick = co_await read(quick, 4);
    const std::string of_slow = co_await read(slow, 3);
    const std::string of_fresh = co_await read(fresh, 2);
    CHECK(of_quick == "tea 8, tea 9, end, end");
    CHECK(of_slow == "[tea 9] missed 9, end, end");
    CHECK(of_fresh == "[tea 9] missed 9, end");
    step("to publish changes nothing any more");
    ticker.publish("tea", 10);
    CHECK(ticker.board() == Board{{"tea", 9}});
    CHECK(ticker.subscribers() == 0);
  });
}

TEST_CASE("09-5 Ticker: who waits is woken by a tick, and by the end") {
  run_paused([]() -> Async<> {
    Ticker ticker(4);
    Subscription subscription = ticker.subscribe();
    (void)co_await read(subscription, 1);
    step("wait, be woken by a tick, and be destroyed before the turn: the tick is still there");
    {
      auto first = by_hand(subscription.next());
      REQUIRE(first.poll().is_pending());
      ticker.publish("tea", 5);
      REQUIRE(first.is_woken());
    }
    const std::string tick = co_await read(subscription, 1);
    CHECK(tick == "tea 5");
    step("wait again: the end wakes, too");
    auto second = by_hand(subscription.next());
    REQUIRE(second.poll().is_pending());
    ticker.close();
    REQUIRE(second.is_woken());
    CHECK(text(second.poll().value()) == "end");
  });
}
