// One value, from one task to another, once: the way in which an answer comes back.
//
//      Sender                 the cell                    Receiver
//                    ┌────────────────────────┐
//   send(value) ────►│ open, sent with value, │◄──── co_await receiver
//   closed()    ────►│ unsent or closed       │◄──── close()
//   destroyed   ────►│ wakers of both         │◄──── destroyed
//                    └────────────────────────┘
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <nara/context.hpp>
#include <nara/detail/block_here.hpp>
#include <nara/detail/oneshot_cell.hpp>
#include <nara/misuse.hpp>
#include <nara/poll.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace nara::inline NARA_BUILD::sync::oneshot {

/// There is no value, and none will come: the sender was destroyed without sending one, or the
/// receiver was closed before. Mirrors `tokio::sync::oneshot::error::RecvError`.
struct RecvError {
  bool operator==(const RecvError&) const noexcept = default;
  static std::string message() { return "the channel is closed, and nothing was sent"; }
};

/// Why there was no value at once. Mirrors `tokio::sync::oneshot::error::TryRecvError`.
enum class TryRecvError : std::uint8_t {
  kEmpty,  ///< None yet.
  kClosed  ///< None any more: it was taken, or none will come.
};

/// Ready when the receiver is closed or destroyed, and stays so. Made by `Sender::closed()`. It may
/// be moved until its first poll.
template <class T>
class [[nodiscard]] UntilClosed {
 public:
  using Output = void;
  static constexpr std::string_view kWaitsFor = "oneshot::Sender::closed()";

  explicit UntilClosed(std::shared_ptr<detail::OneshotCell<T>> cell) noexcept
      : cell_(std::move(cell)) {}
  UntilClosed(UntilClosed&& other) noexcept = default;
  UntilClosed& operator=(UntilClosed&&) = delete;
  ~UntilClosed() {
    if (cell_ != nullptr) cell_->stop_waiting();
  }

  /// Takes one unit of the budget when it is ready.
  Poll<void> poll(Context& context) noexcept { return poll(*cell_, context); }

  /// The same, for whoever has the cell.
  static Poll<void> poll(detail::OneshotCell<T>& cell, Context& context) noexcept {
    using State = detail::OneshotCell<T>::State;
    if (cell.wait_as_sender(context.waker()) == State::kOpen) return kPending;
    if (context.spend()) return kReady;
    context.yield();
    return kPending;
  }

 private:
  std::shared_ptr<detail::OneshotCell<T>> cell_;
};

/// The half that sends. Destroyed without having sent, it tells the receiver that nothing will
/// come.
///
/// Thread safety: any thread, also outside of a runtime; one object by one thread at a time.
/// All functions throw `Misuse` after it has sent, or was moved from. Mirrors
/// `tokio::sync::oneshot::Sender`.
template <class T>
class Sender {
 public:
  /// One half of `channel()`.
  explicit Sender(std::shared_ptr<detail::OneshotCell<T>> cell) noexcept : cell_(std::move(cell)) {}
  Sender(Sender&& other) noexcept = default;
  /// What it was before is destroyed.
  Sender& operator=(Sender other) noexcept {
    std::swap(cell_, other.cell_);
    return *this;
  }
  ~Sender() {
    if (cell_ != nullptr) cell_->finish(nullptr);
  }

  /// Sends the value, at once: `std::move(sender).send(7)`. When nobody is there to receive it, the
  /// error is the value. That it was sent does not mean that it will be received: the receiver may
  /// be destroyed before.
  std::expected<void, T> send(T value) && {
    check();
    const std::shared_ptr<detail::OneshotCell<T>> cell = std::move(cell_);
    if (cell->finish(&value)) return {};
    return std::unexpected(std::move(value));
  }

  /// Waits until the receiver is closed or destroyed: then there is no more need for a value. Only
  /// one waits at a time: a second one takes the place of the first.
  ///
  /// Cancel safe. Mirrors `tokio::sync::oneshot::Sender::closed`.
  UntilClosed<T> closed() {
    check();
    return UntilClosed<T>(cell_);
  }

  /// The same, for who writes a future: while this is pending, the waker of the context will be
  /// woken.
  Poll<void> poll_closed(Context& context) {
    check();
    return UntilClosed<T>::poll(*cell_, context);
  }

  /// True when the receiver is closed or destroyed.
  bool is_closed() const {
    check();
    return cell_->state() == detail::OneshotCell<T>::State::kClosed;
  }

 private:
  void check() const {
    if (cell_ == nullptr) throw_empty();
  }
  [[noreturn, gnu::cold]] static void throw_empty() {
    throw Misuse("a oneshot::Sender was used after it had sent, or was moved away: it sends once");
  }

  std::shared_ptr<detail::OneshotCell<T>> cell_;
};

/// The half that receives: a future that is ready with the value, or with an error when none will
/// come. It is awaited by its name, as often as it takes: `co_await receiver`.
///
/// Destroying it destroys a value that was sent and not taken.
///
/// Cancel safety: a `select` that it loses takes nothing from it, if it is there by its name.
/// Thread safety: any thread, also outside of a runtime; one object by one thread at a time.
/// Mirrors `tokio::sync::oneshot::Receiver`.
template <class T>
class [[nodiscard]] Receiver {
  using State = detail::OneshotCell<T>::State;

 public:
  using Output = std::expected<T, RecvError>;
  static constexpr std::string_view kWaitsFor = "oneshot::Receiver";

  /// One half of `channel()`.
  explicit Receiver(std::shared_ptr<detail::OneshotCell<T>> cell) noexcept
      : cell_(std::move(cell)) {}
  Receiver(Receiver&& other) noexcept = default;
  /// What it was before is destroyed.
  Receiver& operator=(Receiver other) noexcept {
    std::swap(cell_, other.cell_);
    return *this;
  }
  ~Receiver() {
    if (cell_ == nullptr) return;
    cell_->close();
    cell_->discard();
  }

  /// Takes one unit of the budget when it is ready. Throws `Misuse` after that, and when
  /// `try_recv()` has given the value or said `kClosed`.
  Poll<Output> poll(Context& context) {
    check();
    const State state = cell_->wait_as_receiver(context.waker());
    if (state == State::kOpen) return kPending;
    if (context.spend()) return end(state);
    context.yield();
    return kPending;
  }

  /// The value, if it is there.
  std::expected<T, TryRecvError> try_recv() {
    if (cell_ == nullptr) return std::unexpected(TryRecvError::kClosed);
    const State state = cell_->state();
    if (state == State::kOpen) return std::unexpected(TryRecvError::kEmpty);
    Output last = end(state);
    if (!last) return std::unexpected(TryRecvError::kClosed);
    return *std::move(last);
  }

  /// Stops the thread until the value is there: `std::move(receiver).blocking_recv()`. Throws
  /// `Misuse` inside of a task, and when the receiver is at its end.
  Output blocking_recv() && {
    constexpr std::string_view kName = "oneshot::Receiver::blocking_recv()";
    detail::check_blocking(kName);
    check();
    const State state = cell_->state();
    if (state != State::kOpen) return end(state);
    return detail::block_here(std::move(*this), kName);
  }

  /// From now on nothing can be sent. What was sent before can still be received.
  void close() noexcept {
    if (cell_ != nullptr) cell_->close();
  }

  /// True when there is no value to be taken now.
  bool is_empty() const noexcept { return cell_ == nullptr || cell_->state() != State::kSent; }

  /// True when it was ready, or moved from: it must not be awaited again. Then `try_recv()` says
  /// `kClosed`.
  bool is_terminated() const noexcept { return cell_ == nullptr; }

 private:
  void check() const {
    if (cell_ == nullptr) throw_done();
  }
  [[noreturn, gnu::cold]] static void throw_done() {
    throw Misuse(
        "a oneshot::Receiver was awaited again after it was ready, or moved away: ask "
        "is_terminated() first");
  }

  /// Takes what there is, and is terminated.
  Output end(State state) noexcept {
    const std::shared_ptr<detail::OneshotCell<T>> cell = std::move(cell_);
    if (state != State::kSent) return std::unexpected(RecvError());
    return cell->take();
  }

  std::shared_ptr<detail::OneshotCell<T>> cell_;
};

/// A channel for one value. Mirrors `tokio::sync::oneshot::channel`.
template <class T>
std::pair<Sender<T>, Receiver<T>> channel() {
  const auto cell = std::make_shared<detail::OneshotCell<T>>();
  return {Sender<T>(cell), Receiver<T>(cell)};
}

}  // namespace nara::inline NARA_BUILD::sync::oneshot
