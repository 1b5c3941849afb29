// Prices, as they change, for all who want to see them, also for those who are slow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <nara/async.hpp>
#include <nara/sync/broadcast.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>

/// Given. A price that has changed.
struct Tick {
  std::string symbol;
  int price = 0;
};

/// Given. The newest price of each symbol.
using Board = std::map<std::string, int>;

/// Given. All at once, for who has missed so many ticks; or for who has just come.
struct Snapshot {
  Board board;
  std::uint64_t missed = 0;
};

/// Given. What a subscriber gets.
using Update = std::variant<Snapshot, Tick>;

class Ticker;

/// Somebody who wants to know all that changes. Destroying it ends that. It must not outlive its
/// ticker.
class [[nodiscard]] Subscription {
 public:
  Subscription(const Ticker& ticker, nara::sync::broadcast::Receiver<Tick> ticks)
      : ticker_(&ticker), ticks_(std::move(ticks)) {}

  /// Waits for the next update. The first one is a snapshot, at once; those after it are the ticks
  /// that come after that. Who is too slow for them gets a snapshot instead of those that they have
  /// missed and of those that they have still to get, and goes on with the ticks after it. Nothing
  /// when the ticker is closed, and all was given.
  ///
  /// Cancel safe: a tick is taken when it is given, not before.
  nara::Async<std::optional<Update>> next();

 private:
  /// All as it is now. What has been sent before is in it, so it is not given any more.
  Update catch_up(std::uint64_t missed);

  const Ticker* ticker_;
  nara::sync::broadcast::Receiver<Tick> ticks_;
  bool is_new_ = true;
};

/// Tells all subscribers of each change, and never waits for any. One thread only.
class Ticker {
 public:
  /// A subscriber may be behind by `capacity` ticks, rounded up to a power of two.
  explicit Ticker(std::size_t capacity) : ticks_(std::in_place, capacity) {}

  /// The price has changed. Whether or not anybody subscribes, it is on the board from now on.
  /// Nothing happens after `close()`.
  void publish(std::string symbol, int price) {
    // BEGIN SOLUTION
    // STARTER: nara::todo("09-5: publish() writes on the board, and sends a tick");
    if (!ticks_) return;
    board_[symbol] = price;
    (void)ticks_->send(Tick(std::move(symbol), price));  // An error says that nobody listens.
    // END SOLUTION
  }

  /// Must not be called after `close()`.
  Subscription subscribe() const { return {*this, ticks_.value().subscribe()}; }

  /// It is over: the subscribers get what is left, and then nothing.
  void close() {
    // BEGIN SOLUTION
    // STARTER: nara::todo("09-5: close() destroys what is left of the channel on this side");
    ticks_.reset();
    // END SOLUTION
  }

  const Board& board() const noexcept { return board_; }

  /// How many there are.
  std::size_t subscribers() const { return ticks_ ? ticks_->receiver_count() : 0; }

 private:
  std::optional<nara::sync::broadcast::Sender<Tick>> ticks_;  ///< Nothing after `close()`.
  Board board_;
};

inline nara::Async<std::optional<Update>> Subscription::next() {
  // BEGIN SOLUTION
  // STARTER: co_return nara::todo("09-5: next() receives a tick, or is told that it lags, or closed");
  if (is_new_) co_return catch_up(0);
  const auto tick = co_await ticks_.recv();
  if (tick) co_return *tick;
  if (tick.error().is_closed()) co_return std::nullopt;
  co_return catch_up(tick.error().lagged());
  // END SOLUTION
}

inline Update Subscription::catch_up(std::uint64_t missed) {
  // BEGIN SOLUTION
  // STARTER: return nara::todo("09-5: catch_up() skips what was sent, and gives the board");
  is_new_ = false;
  missed += ticks_.size();
  ticks_ = ticks_.resubscribe();
  return Snapshot(ticker_->board(), missed);
  // END SOLUTION
}
