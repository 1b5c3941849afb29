// Streams for these tests.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <nara/async.hpp>
#include <nara/future.hpp>
#include <nara/io/duplex.hpp>
#include <nara/io/read.hpp>
#include <nara/io/result.hpp>
#include <nara/io/text.hpp>
#include <nara/io/write.hpp>
#include <span>
#include <string>
#include <string_view>
#include <testkit/by_hand.hpp>
#include <testkit/mock_stream.hpp>
#include <testkit/runtime.hpp>
#include <utility>

using nara::Async;
using nara::io::as_bytes;
using nara::io::as_text;
using nara::io::duplex;
using nara::io::DuplexStream;
using nara::io::Errc;
using nara::test::by_hand;
using nara::test::MockStream;
using nara::test::run;
using nara::test::step;

/// A stream that keeps what is written, takes only so many bytes at once, and gives `text` back, in
/// pieces of the same size. It counts.
class Counted {
 public:
  explicit Counted(std::size_t most, std::string text = "") : most_(most), text_(std::move(text)) {}

  auto read(std::span<std::byte> into) {
    return nara::lazy([this, into] {
      ++reads;
      const std::string piece = text_.substr(0, std::min(most_, into.size()));
      std::ranges::copy(as_bytes(piece), into.begin());
      text_.erase(0, piece.size());
      return nara::io::Result<std::size_t>(piece.size());
    });
  }
  auto write(std::span<const std::byte> bytes) {
    return nara::lazy([this, bytes] {
      ++writes;
      const auto piece = bytes.first(std::min(most_, bytes.size()));
      written += as_text(piece);
      return nara::io::Result<std::size_t>(piece.size());
    });
  }
  auto flush() {
    return nara::lazy([this] {
      ++flushes;
      return nara::io::Result<void>();
    });
  }
  auto shutdown() {
    return nara::lazy([this] {
      is_shut_down = true;
      return nara::io::Result<void>();
    });
  }

  int reads = 0;
  int writes = 0;
  int flushes = 0;
  bool is_shut_down = false;
  std::string written;

 private:
  std::size_t most_;
  std::string text_;
};

/// What a future gives that has no reason to wait.
template <class F>
auto now(F future) {
  auto polled = by_hand(std::move(future));
  auto answer = polled.poll();
  REQUIRE(answer.is_ready());
  return std::move(answer).value();
}

inline std::error_code reset_by_peer() { return std::make_error_code(std::errc::connection_reset); }
