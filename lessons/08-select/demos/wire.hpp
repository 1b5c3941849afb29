// A stream of bytes between two tasks, and messages on it: a digit, and then so many bytes.
#pragma once

#include <chrono>
#include <cstddef>
#include <nara/async.hpp>
#include <nara/time/sleep.hpp>
#include <nara/waker.hpp>
#include <string>
#include <string_view>
#include <utility>

/// Bytes, in the order in which they were written.
class Wire {
 public:
  void write(std::string_view bytes) {
    bytes_ += bytes;
    std::exchange(reader_, nara::Waker::noop()).wake();
  }

  /// Ready with the next `size` bytes as soon as they are all there. Until then it takes none.
  auto read(std::size_t size) {
    return nara::poll_fn([this, size](nara::Context& context) -> nara::Poll<std::string> {
      if (bytes_.size() < size) {
        reader_.clone_from(context.waker());
        return nara::kPending;
      }
      std::string taken = bytes_.substr(0, size);
      bytes_.erase(0, size);
      return taken;
    });
  }

 private:
  std::string bytes_;
  nara::Waker reader_ = nara::Waker::noop();
};

// [receive]
/// The next message.
inline nara::Async<std::string> receive(Wire& wire) {
  const std::string length = co_await wire.read(1);
  std::string body = co_await wire.read(static_cast<std::size_t>(length[0] - '0'));
  co_return body;
}
// [/receive]

// [receiver]
/// The same, but what was read of a message is kept in the object, not in the coroutine.
class Receiver {
 public:
  explicit Receiver(Wire& wire) : wire_(wire) {}

  /// The next message. Cancel safe: the next call goes on where this one was given up.
  nara::Async<std::string> receive() {
    if (length_.empty()) length_ = co_await wire_.read(1);
    std::string body = co_await wire_.read(static_cast<std::size_t>(length_[0] - '0'));
    length_.clear();
    co_return body;
  }

 private:
  Wire& wire_;
  std::string length_;  ///< Of the message that is under way.
};
// [/receiver]

/// A slow sender: the second message comes in two parts.
inline nara::Async<> send(Wire& wire) {
  using std::chrono::milliseconds;
  co_await nara::time::sleep(milliseconds(5));
  wire.write("3tea");
  co_await nara::time::sleep(milliseconds(10));
  wire.write("5");
  co_await nara::time::sleep(milliseconds(10));
  wire.write("bread3jam");
}
