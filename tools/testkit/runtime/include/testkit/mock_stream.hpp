// A stream that plays a part: it gives what a test says, expects what a test says, and nothing
// else.
//
//   MockStream stream;
//   stream.will_read("HELLO\n").will_wait(1s).will_expect("GOODBYE\n").will_read_error(reset);
//   ...                                   // give it to the code under test
//
// It fails the test when something else is written, or earlier than the script says, and when the
// script is not over in the end. Mirrors `tokio_test::io::Builder`.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <deque>
#include <nara/context.hpp>
#include <nara/future.hpp>
#include <nara/io/result.hpp>
#include <nara/poll.hpp>
#include <nara/time/sleep.hpp>
#include <nara/waker.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

namespace nara::test {

/// Both ways of a connection, as a script. At its end, a read gives 0 bytes, and a write fails the
/// test. One thread only.
class MockStream {
 public:
  MockStream() = default;
  MockStream(const MockStream&) = delete;
  MockStream& operator=(const MockStream&) = delete;
  ~MockStream() {
    if (!script_.empty()) FAIL_CHECK("the script is not over, it goes on with: ", next());
  }

  /// Reads give these bytes, in as many pieces as it takes.
  MockStream& will_read(std::string_view bytes) { return then(Read{std::string(bytes)}); }

  /// These bytes have to be written, in as many pieces as it takes. Until then, reads wait.
  MockStream& will_expect(std::string_view bytes) { return then(Write{std::string(bytes)}); }

  /// Nothing happens for so long: reads and writes wait.
  MockStream& will_wait(time::Duration duration) { return then(Wait{duration}); }

  /// A read, or a write, fails once.
  MockStream& will_read_error(std::error_code error) { return then(ReadError{error}); }
  MockStream& will_write_error(std::error_code error) { return then(WriteError{error}); }

  /// Reads at most so many bytes. Cancel safe.
  auto read(std::span<std::byte> into) {
    return poll_fn([this, into](Context& context) { return poll_read(context, into); });
  }

  /// Writes some of the bytes, and gives how many. Cancel safe.
  auto write(std::span<const std::byte> bytes) {
    return poll_fn([this, bytes](Context& context) { return poll_write(context, bytes); });
  }

  /// Nothing is kept back. Cancel safe.
  auto flush() { return ready(io::Result<void>()); }

  /// Ends writing. Cancel safe: nothing is done before its first poll.
  auto shutdown() {
    return lazy([this] {
      is_shut_down_ = true;
      return io::Result<void>();
    });
  }

  bool is_shut_down() const noexcept { return is_shut_down_; }

  Poll<io::Result<std::size_t>> poll_read(Context& context, std::span<std::byte> into) {
    if (!is_awake(context)) return kPending;
    if (script_.empty()) return io::Result<std::size_t>(0);
    if (auto* const error = std::get_if<ReadError>(&script_.front())) return fail(error->error);
    auto* const read = std::get_if<Read>(&script_.front());
    if (read == nullptr) {
      reader_.clone_from(context.waker());  // First, something has to be written.
      return kPending;
    }
    const std::size_t size = std::min(into.size(), read->bytes.size());
    std::memcpy(into.data(), read->bytes.data(), size);
    use_up(read->bytes, size);
    return io::Result<std::size_t>(size);
  }

  Poll<io::Result<std::size_t>> poll_write(Context& context, std::span<const std::byte> bytes) {
    if (!is_awake(context)) return kPending;
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!script_.empty()) {
      if (auto* const error = std::get_if<WriteError>(&script_.front())) return fail(error->error);
      if (auto* const write = std::get_if<Write>(&script_.front())) {
        const std::size_t size = std::min(text.size(), write->bytes.size());
        if (text.substr(0, size) == std::string_view(write->bytes).substr(0, size)) {
          use_up(write->bytes, size);
          return io::Result<std::size_t>(size);
        }
      }
    }
    FAIL_CHECK("written: \"", std::string(text), "\", but the script says: ", next());
    script_.clear();
    return io::Result<std::size_t>(std::unexpect, std::make_error_code(std::errc::broken_pipe));
  }

 private:
  struct Read {
    std::string bytes;
  };
  struct Write {
    std::string bytes;
  };
  struct Wait {
    time::Duration duration;
  };
  struct ReadError {
    std::error_code error;
  };
  struct WriteError {
    std::error_code error;
  };
  using Scene = std::variant<Read, Write, Wait, ReadError, WriteError>;

  MockStream& then(Scene scene) {
    script_.push_back(std::move(scene));
    return *this;
  }

  /// False while the script says to wait.
  bool is_awake(Context& context) {
    while (!script_.empty() && std::holds_alternative<Wait>(script_.front())) {
      if (!wait_) wait_.emplace(time::sleep(std::get<Wait>(script_.front()).duration));
      if (!wait_->poll_elapsed(context)) return false;
      wait_.reset();
      end_scene();
    }
    return true;
  }

  Poll<io::Result<std::size_t>> fail(std::error_code error) {
    end_scene();
    return io::Result<std::size_t>(std::unexpect, error);
  }

  void use_up(std::string& bytes, std::size_t size) {
    bytes.erase(0, size);
    if (bytes.empty()) end_scene();
  }

  void end_scene() {
    script_.pop_front();
    std::exchange(reader_, Waker::noop()).wake();
  }

  /// What the script says now.
  std::string next() const {
    struct Say {
      std::string operator()(const Read& scene) const { return "read \"" + scene.bytes + "\""; }
      std::string operator()(const Write& scene) const { return "write \"" + scene.bytes + "\""; }
      std::string operator()(const Wait&) const { return "wait"; }
      std::string operator()(const ReadError&) const { return "an error of a read"; }
      std::string operator()(const WriteError&) const { return "an error of a write"; }
    };
    return script_.empty() ? "it is over" : std::visit(Say(), script_.front());
  }

  std::deque<Scene> script_;
  bool is_shut_down_ = false;
  std::optional<time::Sleep> wait_;  ///< While the script says to wait.
  Waker reader_ = Waker::noop();     ///< Of who reads while something is to be written first.
};

}  // namespace nara::test
