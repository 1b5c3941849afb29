// A oneshot channel: one value, from one task or thread to another.
#pragma once

#include <expected>
#include <memory>
#include <mutex>
#include <nara/future.hpp>
#include <nara/todo.hpp>
#include <optional>
#include <string_view>
#include <utility>

/// What the receiver gets when the sender is gone without having sent anything.
struct Closed {};

/// What the two ends share. All of it is guarded by the mutex. (That is a `std::mutex`; some tests
/// put another one in its place, to see what happens at it.)
template <class T, class Mutex>
struct Cell {
  Mutex mutex;
  std::optional<T> value;  ///< Sent, and not yet received.
  bool sender_is_gone = false;
  bool receiver_is_gone = false;
  nara::Waker waker = nara::Waker::noop();  ///< Wakes the receiver, if it waits.
};

/// The end that has something to say, once. Any thread.
template <class T, class Mutex = std::mutex>
class Sender {
 public:
  explicit Sender(std::shared_ptr<Cell<T, Mutex>> cell) : cell_(std::move(cell)) {}
  Sender(Sender&&) noexcept = default;
  Sender& operator=(Sender&&) = delete;

  /// Lets the receiver know that nothing more will come.
  ~Sender() {
    if (cell_ != nullptr) leave();  // It has none when it was moved from.
  }

  /// Sends the value and wakes the receiver. The sender is used up. When the receiver is gone,
  /// gives the value back.
  std::expected<void, T> send(T value) && {
    return nara::todo("02-2: send() puts the value into the cell, and wakes the receiver");
  }

 private:
  void leave() {
    nara::todo("02-2: a sender that leaves says so in the cell, and wakes the receiver");
  }

  std::shared_ptr<Cell<T, Mutex>> cell_;
};

/// The end that waits: a future of the value.
template <class T, class Mutex = std::mutex>
class Receiver {
 public:
  using Output = std::expected<T, Closed>;
  static constexpr std::string_view kWaitsFor = "Receiver";

  explicit Receiver(std::shared_ptr<Cell<T, Mutex>> cell) : cell_(std::move(cell)) {}
  Receiver(Receiver&&) noexcept = default;
  Receiver& operator=(Receiver&&) = delete;

  /// Lets the sender know that nobody waits, and keeps no waker.
  ~Receiver() {
    if (cell_ != nullptr) leave();  // It has none when it was moved from.
  }

  /// Ready with the value, or with `Closed`, once one of them is certain.
  nara::Poll<Output> poll(nara::Context& context) {
    return nara::todo("02-2: poll() looks for a value, for a sender, and leaves a waker");
  }

 private:
  void leave() {
    nara::todo("02-2: a receiver that leaves says so in the cell, and takes its waker along");
  }

  std::shared_ptr<Cell<T, Mutex>> cell_;
};

/// Makes the two ends of a new channel: `auto [sender, receiver] = oneshot<int>();`.
template <class T, class Mutex = std::mutex>
std::pair<Sender<T, Mutex>, Receiver<T, Mutex>> oneshot() {
  auto cell = std::make_shared<Cell<T, Mutex>>();
  return {Sender<T, Mutex>(cell), Receiver<T, Mutex>(cell)};
}
