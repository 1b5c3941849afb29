// A queue of messages, from many tasks to one.
//
//   Sender   ──┐                              Receiver
//   Sender   ──┼──►  9 8 7 6 5 4  ──────────► co_await receiver.recv()
//   Sender   ──┘     room for 8               nothing: all senders are gone
//
// `channel(8)` has room for 8 messages: who sends more waits until some are received. So a sender
// cannot run ahead for ever, and a queue cannot eat the memory: this is called back-pressure.
// `unbounded_channel()` takes all at once. Use it only where something else keeps the number small.
//
// It ends when one side goes. The senders do: the receiver gets the rest, and then nothing. The
// receiver does: all messages are destroyed, and who sends gets his own back.
#pragma once

#include <cstddef>
#include <memory>
#include <nara/detail/channel.hpp>
#include <nara/detail/permits.hpp>
#include <nara/misuse.hpp>
#include <nara/sync/mpsc/error.hpp>     // IWYU pragma: export
#include <nara/sync/mpsc/permit.hpp>    // IWYU pragma: export
#include <nara/sync/mpsc/receiver.hpp>  // IWYU pragma: export
#include <nara/sync/mpsc/sender.hpp>    // IWYU pragma: export
#include <utility>

namespace nara::inline NARA_BUILD::sync::mpsc {

/// The most messages that a bounded channel can have room for.
inline constexpr std::size_t kMaxCapacity = detail::Permits::kMost;

/// A channel with room for `capacity` messages. Throws `Misuse` when that is 0, or more than
/// `kMaxCapacity`. Mirrors `tokio::sync::mpsc::channel`.
template <class T>
std::pair<Sender<T>, Receiver<T>> channel(std::size_t capacity) {
  if (capacity == 0 || capacity > kMaxCapacity) {
    throw Misuse(
        "mpsc::channel() cannot have this capacity: 1 is the least, kMaxCapacity the most");
  }
  const auto channel = std::make_shared<detail::Channel<T>>(capacity);
  channel->add_sender();
  return {Sender<T>(channel), Receiver<T>(channel)};
}

/// A channel that takes all messages. Mirrors `tokio::sync::mpsc::unbounded_channel`.
template <class T>
std::pair<UnboundedSender<T>, UnboundedReceiver<T>> unbounded_channel() {
  const auto channel = std::make_shared<detail::Channel<T>>(detail::Channel<T>::kUnbounded);
  channel->add_sender();
  return {UnboundedSender<T>(channel), UnboundedReceiver<T>(channel)};
}

}  // namespace nara::inline NARA_BUILD::sync::mpsc
