// The first idea: two tasks that share a stream.
#pragma once

#include <cstddef>
#include <memory>
#include <nara/net/tcp_stream.hpp>
#include <span>
#include <utility>

using nara::net::TcpStream;

// [toy]
/// One of two that share a stream, which is closed with the last of them.
class ToyHalf {
 public:
  explicit ToyHalf(std::shared_ptr<TcpStream> s) : stream_(std::move(s)) {}

  auto read(std::span<std::byte> into) const { return stream_->read(into); }
  auto write(std::span<const std::byte> bytes) const { return stream_->write(bytes); }
  auto flush() const { return stream_->flush(); }
  auto shutdown() const { return stream_->shutdown(); }

 private:
  std::shared_ptr<TcpStream> stream_;
};

inline std::pair<ToyHalf, ToyHalf> toy_split(TcpStream stream) {
  const auto shared = std::make_shared<TcpStream>(std::move(stream));
  return {ToyHalf(shared), ToyHalf(shared)};
}
// [/toy]
