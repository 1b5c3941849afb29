// What is said to a server, what has to come back, and how long that takes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "../serve.hpp"

namespace load {

using Clock = std::chrono::steady_clock;

/// How long each round trip took, in microseconds.
using Latencies = std::vector<double>;

inline double microseconds(Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

struct Message {
  std::string_view request;
  std::string_view reply;
};

class Talk {
 public:
  /// Messages of `bytes` bytes, which come back. Two that follow each other differ, so that one
  /// which comes late or to somebody else is found out.
  static Talk echo(std::size_t bytes) {
    Talk talk;
    talk.bytes_ = bytes;
    std::minstd_rand random;
    for (std::size_t i = 0; i < bytes + kKinds; ++i) talk.text_ += static_cast<char>(random());
    return talk;
  }

  /// The same request each time, and the same reply.
  static Talk http() { return {}; }

  Message operator()(std::uint64_t number) const {
    if (bytes_ == 0) return {.request = kGet, .reply = bench::kHello};
    const std::string_view text = std::string_view(text_).substr(number % kKinds, bytes_);
    return {.request = text, .reply = text};
  }

 private:
  static constexpr std::size_t kKinds = 4093;
  static constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

  std::size_t bytes_ = 0;
  std::string text_;
};

}  // namespace load
