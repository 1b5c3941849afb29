// The futures of an mpsc channel: to send, to receive, and to see it closed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <nara/context.hpp>
#include <nara/detail/channel.hpp>
#include <nara/detail/permits.hpp>
#include <nara/detail/room.hpp>
#include <nara/detail/until.hpp>
#include <nara/poll.hpp>
#include <nara/sync/mpsc/error.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace nara::inline NARA_BUILD::sync::mpsc {

/// Has a channel a capacity?
enum class Bound : std::uint8_t { kNone, kSome };

/// Ready when its message is in the queue, or with that message when the channel is closed. Made by
/// `Sender::send()`. It may be moved until its first poll.
template <class T>
class [[nodiscard]] Send {
 public:
  using Output = std::expected<void, SendError<T>>;
  static constexpr std::string_view kWaitsFor = "mpsc::Sender::send()";

  Send(detail::Channel<T>& channel, T message) noexcept
      : waiter_(channel, 1), message_(std::move(message)) {}

  /// Takes one unit of the budget when it is ready. Throws `Misuse` after that.
  // Why always inline: see PermitWaiter::poll().
  [[gnu::always_inline]] Poll<Output> poll(Context& context) {
    Poll<detail::Room<T>> answer = waiter_.poll(context, kWaitsFor);
    if (answer.is_pending()) return kPending;
    detail::Room<T> room = std::move(answer).value();
    if (room.is_held() && room.put(message_)) return Output();
    return Output(std::unexpected(SendError<T>{std::move(message_)}));
  }

 private:
  detail::RoomWaiter<T> waiter_;
  T message_;
};

/// Ready when the receiver is closed or destroyed. Made by `Sender::closed()`. It may be moved
/// until its first poll.
template <class T>
class [[nodiscard]] UntilClosed {
 public:
  using Output = void;
  static constexpr std::string_view kWaitsFor = "mpsc::Sender::closed()";

  explicit UntilClosed(std::shared_ptr<detail::Channel<T>> channel) noexcept
      : channel_(std::move(channel)), until_(channel_->closing()) {}

  /// Takes one unit of the budget when it is ready. Throws `Misuse` after that.
  Poll<void> poll(Context& context) {
    if (until_.poll(context, kWaitsFor, [&] { return channel_->is_closed(); })) return kReady;
    return kPending;
  }

 private:
  std::shared_ptr<detail::Channel<T>> channel_;
  detail::Until until_;
};

/// What the futures of the receiver have in common: each is ready once, and when it goes, nobody
/// waits any more.
template <class T>
class Waiting {
 public:
  explicit Waiting(detail::Channel<T>& channel) noexcept : channel_(&channel) {}
  Waiting(Waiting&& other) noexcept
      : channel_(std::exchange(other.channel_, nullptr)),
        has_waited_(std::exchange(other.has_waited_, false)) {}
  Waiting& operator=(Waiting&&) = delete;
  ~Waiting() {
    if (has_waited_) channel_->stop_waiting();
  }

  /// Asks the channel, unless it was ready before: then it throws `Misuse`; `what` says of what.
  // Why always inline: see PermitWaiter::poll().
  [[gnu::always_inline]] auto ask(std::string_view what, auto question) {
    if (channel_ == nullptr) detail::PermitWaiter::throw_done(what);
    auto answer = question(*channel_);
    has_waited_ = answer.is_pending();
    if (!has_waited_) channel_ = nullptr;
    return answer;
  }

 private:
  detail::Channel<T>* channel_;
  bool has_waited_ = false;
};

/// Ready with a message, or with nothing when there will be none any more. Made by
/// `Receiver::recv()`.
template <class T>
class [[nodiscard]] Recv {
 public:
  using Output = std::optional<T>;
  static constexpr std::string_view kWaitsFor = "mpsc::Receiver::recv()";

  explicit Recv(detail::Channel<T>& channel) noexcept : waiting_(channel) {}

  /// Takes one unit of the budget when it is ready. Throws `Misuse` after that.
  // Why always inline: see PermitWaiter::poll().
  [[gnu::always_inline]] Poll<Output> poll(Context& context) {
    return waiting_.ask(kWaitsFor,
                        [&](detail::Channel<T>& channel) { return channel.poll_recv(context); });
  }

 private:
  Waiting<T> waiting_;
};

/// Ready with the number of messages that it has appended to a vector. Made by
/// `Receiver::recv_many()`.
template <class T>
class [[nodiscard]] RecvMany {
 public:
  using Output = std::size_t;
  static constexpr std::string_view kWaitsFor = "mpsc::Receiver::recv_many()";

  RecvMany(detail::Channel<T>& channel, std::vector<T>& target, std::size_t limit) noexcept
      : waiting_(channel), target_(&target), limit_(limit) {}

  /// Takes one unit of the budget when it is ready. Throws `Misuse` after that.
  Poll<Output> poll(Context& context) {
    return waiting_.ask(kWaitsFor, [&](detail::Channel<T>& channel) {
      return channel.poll_recv_many(context, *target_, limit_);
    });
  }

 private:
  Waiting<T> waiting_;
  std::vector<T>* target_;
  std::size_t limit_;
};

}  // namespace nara::inline NARA_BUILD::sync::mpsc
