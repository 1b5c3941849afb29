// The price of tea, every 100 ms. One reader is quick, and the other one needs 430 ms for a line.
#include <array>
#include <chrono>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/join_set.hpp>
#include <nara/main.hpp>
#include <nara/time/sleep.hpp>
#include <optional>
#include <string>
#include <ticker.hpp>
#include <utility>
#include <variant>

namespace {

using namespace std::chrono_literals;
using nara::Async;
using nara::time::sleep;

std::string text(const Update& update) {
  if (const auto* const tick = std::get_if<Tick>(&update)) {
    return tick->symbol + " " + std::to_string(tick->price);
  }
  const auto& snapshot = std::get<Snapshot>(update);
  std::string all = "the board:";
  for (const auto& [symbol, price] : snapshot.board) {
    all += " " + symbol + " " + std::to_string(price);
  }
  return all + ", " + std::to_string(snapshot.missed) + " missed";
}

Async<> read(std::string name, Subscription subscription, std::chrono::milliseconds pause) {
  for (;;) {
    const std::optional<Update> update = co_await subscription.next();
    if (!update) break;
    std::printf("%-6s %s\n", name.c_str(), text(*update).c_str());
    co_await sleep(pause);
  }
  std::printf("%-6s the end\n", name.c_str());
}

Async<> market() {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  Ticker ticker(4);
  ticker.publish("milk", 2);
  nara::JoinSet<void> readers;
  readers.spawn(read("quick", ticker.subscribe(), 0ms));
  readers.spawn(read("  slow", ticker.subscribe(), 430ms));
  for (const int price : std::array{31, 32, 30, 29, 33, 36, 35, 37, 34, 38}) {
    co_await sleep(100ms);
    ticker.publish("tea", price);
  }
  ticker.close();
  co_await std::move(readers).join_all();
}

}  // namespace

int main() { return nara::main(market); }
